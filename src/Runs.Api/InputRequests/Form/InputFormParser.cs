using Runs.Contracts;

namespace Runs.Api.InputRequests;

/// <summary>Reads forms from bodies.</summary>
internal static class InputFormParser
{
    /// <summary>
    /// Reads the form that is a command's <c>input_request</c>. Checks which members there are, and their types; the
    /// validator of the command checks the rest.
    /// </summary>
    public static InputForm Parse(JsonObjectReader form)
    {
        form.GetOneOf("kind", InputRequestKinds.All);
        return new InputForm
        {
            RequestedResponderType = form.GetRequiredString("requested_responder_type") ?? "",
            Title = form.GetRequiredString("title") ?? "",
            Description = form.GetString("description"),
            Fields = form.GetRequiredRawArray("fields") ?? default,
            Metadata = form.GetRawObject("metadata"),
        };
    }
}
