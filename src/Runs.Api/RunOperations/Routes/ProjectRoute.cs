using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Mvc;

namespace Runs.Api.RunOperations;

/// <summary>The project that a path identifies, by its id or its slug.</summary>
internal readonly record struct ProjectRoute(
    [FromRoute(Name = "project_reference")] [property: Description("The project's UUID, or its slug, percent-encoded."), MinLength(1)]
    string ProjectReference)
{
    /// <summary>Gets the id as stored, in lower case. False when it is neither a UUID nor a known slug.</summary>
    public bool TryGetId(ApiOptions options, [NotNullWhen(true)] out string? id)
    {
        var reference = RunRoute.UnescapeSlashes(ProjectReference);
        id = FieldRules.IsUuid(reference) ? reference.ToLowerInvariant()
            : options.ProjectSlugs.TryGetValue(reference, out var project) ? project.ToString()
            : null;
        return id is not null;
    }
}
