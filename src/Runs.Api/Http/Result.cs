using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Runs.Api.Http;

/// <summary>A value, or the problem to respond with instead.</summary>
internal readonly struct Result<T>
    where T : notnull
{
    private Result(T? value, ProblemHttpResult? problem) => (Value, Problem, IsSuccess) = (value, problem, problem is null);

    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsSuccess { get; }

    /// <summary>The value. Not set when there is a problem.</summary>
    public T? Value { get; }

    /// <summary>The problem, or null.</summary>
    public ProblemHttpResult? Problem { get; }

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(ProblemHttpResult problem) => new(default, problem);
}
