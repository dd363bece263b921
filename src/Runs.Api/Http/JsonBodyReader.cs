using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Runs.Api.Http;

/// <summary>
/// Reads a request's JSON body within the service's limits: 10 MiB, 64 levels, UTF-8, no duplicate member names
/// (I-JSON, RFC 7493).
/// </summary>
internal static class JsonBodyReader
{
    private const int MaxDepth = 64;

    /// <summary>Reads the body, which the caller disposes, or returns the problem with it.</summary>
    public static async Task<(JsonDocument? Body, ProblemHttpResult? Problem)> Read(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            return (null, Problems.UnsupportedMediaType());
        }

        var (bytes, problem) = await request.HttpContext.RequestServices.GetRequiredService<RequestBodyReader>().Read(request, cancellationToken);
        if (bytes is null)
        {
            return (null, problem);
        }

        try
        {
            var body = bytes.Parse(new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            if (JsonObjectReader.FindUnicodeError(body.RootElement) is { } error)
            {
                body.Dispose();
                return (null, Problems.ValidationFailed([error]));
            }

            return (body, null);
        }
        catch (JsonException exception)
        {
            return (null, Problems.MalformedJson(DescribeError(exception)));
        }
        catch (InvalidOperationException)
        {
            return (null, Problems.MalformedJson("The body is not valid UTF-8, or has half a surrogate pair in a member's name."));
        }
    }

    /// <summary>
    /// Reads a body into a command. Returns the parse errors, or, when there are none, the validation errors of the
    /// message. <paramref name="mapPointer"/> maps the pointers of the message to those of the body where they differ.
    /// </summary>
    public static async Task<(T? Command, ProblemHttpResult? Problem)> ReadCommand<T>(
        HttpRequest request, Func<JsonElement, (T Command, List<ValidationError> Errors)> parse, Func<T, IReadOnlyList<ValidationError>> validate,
        CancellationToken cancellationToken, Func<string, string>? mapPointer = null)
        where T : class
    {
        var (body, problem) = await Read(request, cancellationToken);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            var (command, errors) = parse(body.RootElement);
            IReadOnlyList<ValidationError> allErrors = errors.Count > 0 ? errors
                : mapPointer is null ? validate(command)
                : [.. validate(command).Select(error => error with { Pointer = mapPointer(error.Pointer) })];
            return allErrors.Count > 0 ? (null, Problems.ValidationFailed(allErrors)) : (command, null);
        }
    }

    // The exception's message may quote the body; the position is sufficient.
    private static string DescribeError(JsonException exception) =>
        exception.Message.Contains("depth", StringComparison.OrdinalIgnoreCase) ? $"The body must not be nested deeper than {MaxDepth} levels."
        : exception.Message.Contains("uplicate", StringComparison.Ordinal) ? "The body has an object with the same member name twice."
        : $"The body is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).";
}
