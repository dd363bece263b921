namespace Runs.Api.Http;

/// <summary>The body does not match its <c>Content-Encoding</c>.</summary>
internal sealed class InvalidContentEncodingException(string encoding, Exception cause)
    : BadHttpRequestException(
        $"The body is not valid {encoding}, as its Content-Encoding says, or ends too early.", StatusCodes.Status400BadRequest, cause);
