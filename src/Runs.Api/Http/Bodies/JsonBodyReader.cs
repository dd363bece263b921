using System.Text.Json;

namespace Runs.Api.Http;

/// <summary>
/// Reads a request's JSON body within the service's limits: <see cref="ApiOptions.MaxBodyBytes"/>,
/// <see cref="FieldLimits.MaxJsonDepth"/>, UTF-8, no duplicate member names (I-JSON, RFC 7493).
/// </summary>
internal sealed class JsonBodyReader(RequestBodyReader bodies)
{
    private static readonly JsonDocumentOptions StrictJson = new()
    {
        MaxDepth = FieldLimits.MaxJsonDepth,
        AllowDuplicateProperties = false,
    };

    /// <summary>Reads a body and parses it.</summary>
    public async Task<Result<T>> Read<T>(HttpRequest request, Func<JsonElement, Result<T>> parse, CancellationToken cancellationToken)
        where T : notnull
    {
        var read = await Read(request, cancellationToken);
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        using var body = read.Value;
        return parse(body.RootElement);
    }

    /// <summary>
    /// Reads a body that may be empty, which is the same as an object without members, and parses it.
    /// </summary>
    public async Task<Result<T>> ReadOptional<T>(
        HttpRequest request, Func<JsonElement, Result<T>> parse, CancellationToken cancellationToken)
        where T : notnull
    {
        var bytes = await bodies.Read(request, cancellationToken);
        if (!bytes.IsSuccess)
        {
            return bytes.Problem;
        }

        if (bytes.Value.Length == 0)
        {
            return parse(JsonElement.Parse("{}"));
        }

        if (!request.HasJsonContentType())
        {
            return Problems.UnsupportedMediaType();
        }

        var read = Parse(bytes.Value);
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        using var body = read.Value;
        return parse(body.RootElement);
    }

    /// <summary>Reads the body, which the caller disposes.</summary>
    public async Task<Result<JsonDocument>> Read(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            return Problems.UnsupportedMediaType();
        }

        var bytes = await bodies.Read(request, cancellationToken);
        return bytes.IsSuccess ? Parse(bytes.Value) : bytes.Problem;
    }

    /// <summary>
    /// Reads a body into a command. The problem has the errors of the members, or, when there are none, the validation
    /// errors of the message. <paramref name="mapPointer"/> maps the pointers of the message to those of the body where
    /// they differ.
    /// </summary>
    public Task<Result<T>> ReadCommand<T>(
        HttpRequest request,
        Func<JsonObjectReader, T> parse,
        Func<T, IReadOnlyList<ValidationError>> validate,
        CancellationToken cancellationToken,
        Func<string, string>? mapPointer = null)
        where T : class => Read<T>(
        request,
        body =>
        {
            var memberErrors = new List<ValidationError>();
            var command = parse(new JsonObjectReader(body, "", memberErrors));
            if (memberErrors.Count > 0)
            {
                return Problems.ValidationFailed(memberErrors);
            }

            var errors = validate(command);
            if (errors.Count == 0)
            {
                return command;
            }

            return Problems.ValidationFailed(
                mapPointer is null ? errors : [.. errors.Select(error => error with { Pointer = mapPointer(error.Pointer) })]);
        },
        cancellationToken);

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
        catch (JsonException)
        {
            var detail = InvalidJson.Describe(bytes.ToSequence());
            bytes.Dispose(); // the response to a client that does not read must not keep the body in memory
            return Problems.MalformedJson(detail);
        }
        catch (InvalidOperationException)
        {
            return Problems.MalformedJson("The body is not valid UTF-8, or has half a surrogate pair in a member's name.");
        }
    }
}
