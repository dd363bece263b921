using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Api.RateLimiting;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>Reads a request's JSON body within the service's bounds: 10 MiB, 64 levels, UTF-8, no member name twice (I-JSON, RFC 7493).</summary>
internal static class JsonBody
{
    private const int MaxDepth = 64;

    /// <summary>The body, to be disposed of, or the problem with it.</summary>
    public static async Task<(JsonDocument? Body, ProblemHttpResult? Problem)> Read(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            return (null, Problems.NotJsonType());
        }

        var (bytes, problem) = await request.HttpContext.RequestServices.GetRequiredService<RequestBodyReader>().Read(request, cancellationToken);
        if (bytes is null)
        {
            return (null, problem);
        }

        try
        {
            var body = bytes.Parse(new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            if (JsonFields.FindIllFormedText(body.RootElement) is { } illFormed)
            {
                body.Dispose();
                return (null, Problems.Invalid([illFormed]));
            }

            return (body, null);
        }
        catch (JsonException malformed)
        {
            return (null, Problems.NotJson(Explain(malformed)));
        }
        catch (InvalidOperationException)
        {
            return (null, Problems.NotJson("The body is not valid UTF-8, or has half a surrogate pair in a member's name."));
        }
    }

    /// <summary>
    /// Reads a body into a command. What cannot be read is said first; what is read is checked by the rules of the message, whose pointers <paramref name="at"/> turns into
    /// those of the body where they differ.
    /// </summary>
    public static async Task<(T? Command, ProblemHttpResult? Problem)> ReadCommand<T>(
        HttpRequest request, Func<JsonElement, (T Command, List<InvalidMember> Errors)> read, Func<T, IReadOnlyList<InvalidMember>> check,
        CancellationToken cancellationToken, Func<string, string>? at = null)
        where T : class
    {
        var (body, unreadable) = await Read(request, cancellationToken);
        if (body is null)
        {
            return (null, unreadable);
        }

        using (body)
        {
            var (command, errors) = read(body.RootElement);
            IReadOnlyList<InvalidMember> wrong = errors.Count > 0 ? errors
                : at is null ? check(command)
                : [.. check(command).Select(error => error with { Pointer = at(error.Pointer) })];
            return wrong.Count > 0 ? (null, Problems.Invalid(wrong)) : (command, null);
        }
    }

    // The reader's own text may quote the body; where it stopped says enough.
    private static string Explain(JsonException malformed) =>
        malformed.Message.Contains("depth", StringComparison.OrdinalIgnoreCase) ? $"The body must not be nested deeper than {MaxDepth} levels."
        : malformed.Message.Contains("uplicate", StringComparison.Ordinal) ? "The body has an object with the same member name twice."
        : $"The body is not valid JSON (line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}).";
}
