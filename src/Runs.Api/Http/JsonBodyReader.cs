using System.Text.Json;

namespace Runs.Api.Http;

/// <summary>
/// Reads a request's JSON body within the service's limits: 10 MiB, 64 levels, UTF-8, no duplicate member names
/// (I-JSON, RFC 7493).
/// </summary>
internal static class JsonBodyReader
{
    private static readonly JsonDocumentOptions StrictJson = new()
    {
        MaxDepth = FieldLimits.MaxJsonDepth,
        AllowDuplicateProperties = false,
    };

    /// <summary>Reads the body, which the caller disposes.</summary>
    public static async Task<Result<JsonDocument>> Read(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            return Problems.UnsupportedMediaType();
        }

        var bytes = await request.HttpContext.RequestServices.GetRequiredService<RequestBodyReader>().Read(request, cancellationToken);
        return bytes.IsSuccess ? Parse(bytes.Value) : bytes.Problem;
    }

    /// <summary>
    /// Reads a body into a command. Returns the parse errors, or, when there are none, the validation errors of the
    /// message. <paramref name="mapPointer"/> maps the pointers of the message to those of the body where they differ.
    /// </summary>
    public static async Task<Result<T>> ReadCommand<T>(
        HttpRequest request,
        Func<JsonElement, (T Command, List<ValidationError> Errors)> parse,
        Func<T, IReadOnlyList<ValidationError>> validate,
        CancellationToken cancellationToken,
        Func<string, string>? mapPointer = null)
        where T : class
    {
        var read = await Read(request, cancellationToken);
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        using var body = read.Value;
        var (command, parseErrors) = parse(body.RootElement);
        if (parseErrors.Count > 0)
        {
            return Problems.ValidationFailed(parseErrors);
        }

        var errors = validate(command);
        if (errors.Count == 0)
        {
            return command;
        }

        return Problems.ValidationFailed(
            mapPointer is null ? errors : [.. errors.Select(error => error with { Pointer = mapPointer(error.Pointer) })]);
    }

    private static Result<JsonDocument> Parse(BufferedBody bytes)
    {
        try
        {
            var body = bytes.Parse(StrictJson);
            if (JsonObjectReader.FindUnicodeError(body.RootElement) is not { } error)
            {
                return body;
            }

            body.Dispose();
            return Problems.ValidationFailed([error]);
        }
        catch (JsonException exception)
        {
            return Problems.MalformedJson(DescribeError(exception));
        }
        catch (InvalidOperationException)
        {
            return Problems.MalformedJson("The body is not valid UTF-8, or has half a surrogate pair in a member's name.");
        }
    }

    // The exception's message may quote the body; the position is sufficient.
    private static string DescribeError(JsonException exception) => exception.Message switch
    {
        var text when text.Contains("depth", StringComparison.OrdinalIgnoreCase) =>
            $"The body must not be nested deeper than {FieldLimits.MaxJsonDepth} levels.",
        var text when text.Contains("uplicate", StringComparison.Ordinal) =>
            "The body has an object with the same member name twice.",
        _ => $"The body is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).",
    };
}
