using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Client.Http;

/// <summary>How bodies are written and read.</summary>
internal static class ApiJson
{
    private const int MaxDepth = 256; // as RawJson

    /// <summary>Members of the API: snake_case, and absent instead of null.</summary>
    public static readonly JsonSerializerOptions Api = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        MaxDepth = MaxDepth,
    };

    /// <summary>Values of the application: inputs, configs, results.</summary>
    public static readonly JsonSerializerOptions Values = new(JsonSerializerDefaults.Web) { MaxDepth = MaxDepth };

    public static ByteArrayContent ToContent(object body)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), Api));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>Returns a value of the application as JSON. <see cref="RawJson"/> is kept as it is written.</summary>
    public static RawJson ToRawJson(object? value, JsonSerializerOptions? options = null) =>
        value is RawJson json ? json : new RawJson(JsonSerializer.Serialize(value, value?.GetType() ?? typeof(object), options ?? Values));

    /// <summary>Reads a value of the application.</summary>
    public static T? FromRawJson<T>(RawJson? json, JsonSerializerOptions? options = null) =>
        json is { Text: { } text } ? JsonSerializer.Deserialize<T>(text, options ?? Values) : default;
}
