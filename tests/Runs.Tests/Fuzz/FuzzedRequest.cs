using System.Net.Http.Headers;
using System.Text;

namespace Runs.Tests.Fuzz;

/// <summary>A request to the API, and its invalid variants.</summary>
internal sealed record FuzzedRequest(string Method, string[] Path, string? ValidBody = null)
{
    private static readonly string[] ContentTypes =
    [
        "application/json; charset=utf-16", "application/json;charset=\"", "text/json", "application/vnd.api+json", "text/plain",
        "multipart/form-data", "application/x-www-form-urlencoded", "*/*", "json", "",
    ];

    private static readonly string[] HeaderNames =
    [
        "Accept", "Accept-Encoding", "Accept-Language", "Content-Encoding", "Content-Language", "Expect", "If-Match",
        "If-None-Match", "If-Modified-Since", "Idempotency-Key", "Last-Event-ID", "Origin", "Access-Control-Request-Method",
        "Prefer", "Range", "Referer", "traceparent", "tracestate", "baggage", "Request-Id", "X-API-Key", "X-Forwarded-For",
        "X-HTTP-Method-Override", "Cookie",
    ];

    private static readonly string[] HeaderValues =
    [
        "*", "*/*", "text/event-stream", "text/html", "application/xml;q=0", "gzip", "br, deflate", "identity", "wait=0",
        "handling=strict", "handling=\"strict\"; x, wait", "\"1\"", "W/\"2\"", "00-0-0-0", "bytes=0-1", "a=b", "1",
    ];

    private static readonly string[] QueryNames =
        ["cursor", "limit", "kind", "status", "after_event_id", "run_id", "spawned_from_tool_call_id", "wait"];

    private static readonly byte[] TokenHeader = """{"alg":"RS256","typ":"JWT"}"""u8.ToArray();

    private static readonly byte[] TokenClaims = """
        {"tenant":"acme","userId":"0c1d2e3f-1111-4222-8333-444455556666","nbf":1700000000,"exp":4900000000,
         "iss":"https://issuer.test","aud":["a","runs"],"tokenUse":"access","scope":"read write execute answer"}
        """u8.ToArray();

    public byte[]? Body { get; private init; } = ValidBody is null ? null : Encoding.UTF8.GetBytes(ValidBody);

    public string? ContentType { get; private init; } = ValidBody is null ? null : "application/json";

    public bool IsChunked { get; private init; }

    public string? Credential { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> ExtraHeaders { get; init; } = [];

    /// <summary>Returns the request with one change, most often of its body.</summary>
    public FuzzedRequest Mutate(Mutator mutator) => mutator.OneOf([0, 0, 0, 0, 1, 2, 2, 3, 4, 5, 6, 7]) switch
    {
        0 when Body is not null => this with { Body = mutator.MutateJson(Body) },
        1 when Body is not null => this with
        {
            ContentType = mutator.Chance(4) ? null : mutator.OneOf(ContentTypes),
            IsChunked = mutator.Chance(2),
        },
        1 or 2 => this with { Query = MutatePairs(Query, QueryNames, ["0", "1", "50", "agent", "pending"], mutator) },
        3 => this with { ExtraHeaders = MutatePairs(ExtraHeaders, HeaderNames, HeaderValues, mutator) },
        4 => this with { Credential = CreateMutatedCredential(mutator) },
        5 => this with
        {
            Body = mutator.MutateBytes(Body ?? []),
            ContentType = mutator.OneOf([ContentType ?? "application/json", .. ContentTypes]),
            IsChunked = mutator.Chance(2),
        },
        6 => this with { Method = mutator.OneOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "X-Y") },
        _ when Path.Length > 1 => MutatePath(mutator),
        _ => this with { Body = mutator.MutateBytes(Body ?? []) },
    };

    /// <summary>
    /// Whether the server may close the connection before it has received the first line and the headers.
    /// </summary>
    public bool IsTooLong =>
        Path.Sum(part => part.Length) + Query.Concat(ExtraHeaders).Sum(pair => pair.Value.Length) + (Credential?.Length ?? 0) > 2000;

    /// <summary>Creates a changed key or token, or a token with a valid signature and changed claims.</summary>
    public static string CreateMutatedCredential(Mutator mutator) => mutator.OneOf(0, 1, 2, 3) switch
    {
        0 => mutator.MutateText(DevelopmentApiKey.Key),
        1 => mutator.MutateText(TestTokens.Create()),
        2 => TestTokens.Sign(TokenHeader, mutator.MutateJson(TokenClaims)),
        _ => TestTokens.Sign(mutator.MutateJson("""{"alg":"RS256","typ":"JWT","kid":"k"}"""u8.ToArray()), TokenClaims),
    };

    public HttpRequestMessage ToRequest(Uri server)
    {
        var query = string.Join('&', Query.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));
        var request = new HttpRequestMessage(new HttpMethod(Method), new Uri(
            $"{server.GetLeftPart(UriPartial.Authority)}/{string.Join('/', Path)}{(query.Length > 0 ? "?" : "")}{query}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (Body is not null)
        {
            request.Content = IsChunked ? new StreamContent(new UnknownLengthStream(Body)) : new ByteArrayContent(Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        request.Headers.TransferEncodingChunked = IsChunked && Body is not null ? true : null;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentApiKey.Key);
        if (Credential is { } credential)
        {
            request.Headers.Authorization = null;
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {RemoveLineBreaks(credential)}");
        }

        foreach (var (name, value) in ExtraHeaders)
        {
            var isOfContent = name.StartsWith("Content-", StringComparison.Ordinal) && request.Content is not null;
            HttpHeaders headers = isOfContent ? request.Content!.Headers : request.Headers;
            headers.TryAddWithoutValidation(name, RemoveLineBreaks(value));
        }

        return request;
    }

    public override string ToString()
    {
        KeyValuePair<string, string>[] headers =
            [.. ExtraHeaders, new("Content-Type", ContentType ?? "none"), new("Authorization", Credential ?? "valid")];
        return $"""
            {Method} {ToLiteral($"/{string.Join('/', Path)}")} {ToLiteral(string.Join('&', Query))}{(IsChunked ? " chunked" : "")}
              {string.Join("\n  ", headers.Select(header => $"{header.Key}: {ToLiteral(header.Value)}"))}
              {FuzzRunner.ToLiteral(Body ?? [])}
            """;

        static string ToLiteral(string text) => FuzzRunner.ToLiteral(Encoding.UTF8.GetBytes(text));
    }

    private FuzzedRequest MutatePath(Mutator mutator)
    {
        var path = (string[])Path.Clone();
        var at = mutator.OneOf([.. Enumerable.Range(1, path.Length - 1)]);
        var text = mutator.MutateText(path[at]);
        var escaped = mutator.Chance(2)
            ? Uri.EscapeDataString(text)
            : string.Concat(text.Where(character => character is > ' ' and <= '~' and not ('#' or '?')));
        path[at] = escaped.Replace("%00", "%01", StringComparison.Ordinal); // the web server itself rejects a NUL
        return this with { Path = path };
    }

    private static KeyValuePair<string, string>[] MutatePairs(
        IReadOnlyList<KeyValuePair<string, string>> pairs, string[] names, string[] values, Mutator mutator)
    {
        var original = pairs.Count > 0 && !mutator.Chance(3) ? mutator.OneOf(pairs) : new(mutator.OneOf(names), mutator.OneOf(values));
        var changed = KeyValuePair.Create(original.Key, mutator.Chance(5) ? original.Value : mutator.MutateText(original.Value));
        return mutator.Chance(4) ? [.. pairs, changed] : [.. pairs.Where(pair => pair.Key != original.Key), changed];
    }

    private static string RemoveLineBreaks(string value) =>
        string.Concat(value.Where(character => character is not ('\0' or '\r' or '\n')));

    /// <summary>A stream whose length is unknown to its reader.</summary>
    private sealed class UnknownLengthStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
