using Runs.Client.Http;
using Runs.Contracts;

namespace Runs.Client;

/// <summary>Common forms.</summary>
public static class Form
{
    /// <summary>A question that a person answers with yes or no.</summary>
    /// <param name="title">The question. 1-1000 characters.</param>
    /// <param name="field">The name of the boolean value in the response.</param>
    public static InputForm Confirm(string title, string field = "confirmed") => new()
    {
        RequestedResponderType = ResponderTypes.Human,
        Title = title,
        Fields = ApiJson.ToRawJson(new[] { new { name = field, type = "boolean", label = title, required = true } }),
    };

    /// <summary>A question that a person answers with text.</summary>
    /// <param name="title">The question. 1-1000 characters.</param>
    /// <param name="field">The name of the text in the response.</param>
    public static InputForm Text(string title, string field = "text") => new()
    {
        RequestedResponderType = ResponderTypes.Human,
        Title = title,
        Fields = ApiJson.ToRawJson(new[] { new { name = field, type = "text", label = title, required = true } }),
    };
}
