using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>A response of the API: its status, its headers and its JSON body.</summary>
public sealed record ApiResponse(int Status, JsonElement Body, Dictionary<string, string> Headers)
{
    /// <summary>
    /// As clients read responses: a required member that is absent, or null where it must not be, is an error.
    /// </summary>
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        MaxDepth = 256,
    };

    public JsonElement this[string member] => Body.GetProperty(member);

    public static async Task<ApiResponse> From(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);
        var body = text.Length == 0 ? default : JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = 256 });
        return new ApiResponse((int)response.StatusCode, body, headers);
    }

    /// <summary>Checks the status and returns the typed body.</summary>
    public T Read<T>(int expectedStatus = 200)
    {
        Assert.True(Status == expectedStatus, ToString());
        return Body.Deserialize<T>(Json)!;
    }

    /// <summary>
    /// Checks an error response: the status, that the body is a problem, and the members that it names.
    /// </summary>
    public void AssertProblem(int status, string? detailContains = null, params string[] pointers)
    {
        Assert.True(Status == status, ToString());
        Assert.StartsWith("application/problem+json", Headers["Content-Type"], StringComparison.Ordinal);
        var problem = Read<ApiProblem>(status);
        Assert.Equal(status, problem.Status);
        Assert.NotEmpty(problem.Detail);
        Assert.NotEmpty(problem.Title);
        if (detailContains is not null)
        {
            Assert.Contains(detailContains, problem.Detail, StringComparison.Ordinal);
        }

        if (pointers.Length > 0)
        {
            Assert.Equal(pointers.Order(), problem.Errors!.Select(error => error.Pointer).Order());
        }
    }

    /// <summary>Checks an error response: the status, that the body is a problem, and its code.</summary>
    public void AssertProblemCode(int status, string code)
    {
        AssertProblem(status);
        Assert.Equal(code, Read<ApiProblem>(status).Code);
    }

    public override string ToString() => $"{Status} {(Body.ValueKind == JsonValueKind.Undefined ? "" : Body.GetRawText())}";
}
