using Microsoft.OpenApi;

namespace Runs.Api.OpenApi.Metadata;

/// <summary>
/// Describes in the OpenAPI document what the signature of a handler does not declare. The summary, the description and
/// the descriptions of success responses are the XML comments of the handler; its examples are in <c>Examples</c>, in
/// the file named after the operation.
/// </summary>
internal static class EndpointDescriptionExtensions
{
    /// <summary>
    /// Describes the JSON body, and the problems of a body. <c>Accepts</c> would describe the body, too, but would also
    /// reject other content types before authentication.
    /// </summary>
    public static RouteHandlerBuilder ReadsBody<TSchema>(this RouteHandlerBuilder builder)
        where TSchema : RequestSchema => builder
            .WithMetadata(new BodyDescription(typeof(TSchema)))
            .ProducesProblems(
                ProblemResponses.BadRequest,
                ProblemResponses.RequestTimeout,
                ProblemResponses.PayloadTooLarge,
                ProblemResponses.UnsupportedMediaType);

    /// <summary>Describes query parameters and headers, and the problem of an invalid query parameter.</summary>
    public static RouteHandlerBuilder ReadsParameters(this RouteHandlerBuilder builder, params RequestParameter[] parameters)
    {
        builder.WithMetadata([.. parameters]);
        return Array.Exists(parameters, parameter => parameter.CanBeInvalid)
            ? builder.ProducesProblems(ProblemResponses.BadRequest)
            : builder;
    }

    /// <summary>Describes a header of the responses with this status.</summary>
    public static RouteHandlerBuilder WritesHeader(this RouteHandlerBuilder builder, int status, string name, string description) =>
        builder.WithMetadata(new ResponseHeaderDescription(status, new ResponseHeader(name, description, JsonSchemaType.String)));

    /// <summary>Describes problem responses. The last one for a status applies.</summary>
    public static TBuilder ProducesProblems<TBuilder>(this TBuilder builder, params ProblemResponse[] problems)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata([.. problems]);
}
