namespace Runs.Api.Http;

/// <summary>
/// Supports HEAD for every GET route, with the same status and headers; the server drops the body. Routes are mapped
/// for GET only, so a HEAD request is routed as a GET. Endpoints see the original method.
/// </summary>
internal static class HeadRequestExtensions
{
    /// <summary>Adds routing. Middleware added before it runs before the route is known.</summary>
    public static void UseRoutingWithHead(this WebApplication app)
    {
        app.Use(next => http => HttpMethods.IsHead(http.Request.Method) ? RouteAsGet(http, next) : AddHeadToAllow(http, next));
        app.UseRouting();
        app.Use(next => http =>
        {
            if (http.Items.ContainsKey(typeof(HeadRequestExtensions)))
            {
                http.Request.Method = HttpMethods.Head;
            }

            return next(http);
        });
    }

    private static Task RouteAsGet(HttpContext http, RequestDelegate next)
    {
        http.Items[typeof(HeadRequestExtensions)] = true;
        http.Request.Method = HttpMethods.Get;
        return AddHeadToAllow(http, next);
    }

    // The Allow header of a 405 lists the methods of the routes, without HEAD.
    private static async Task AddHeadToAllow(HttpContext http, RequestDelegate next)
    {
        await next(http);
        if (http.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false } response
            && response.Headers.Allow.ToString() is var allowed && allowed.Contains(HttpMethods.Get, StringComparison.Ordinal))
        {
            response.Headers.Allow = $"{allowed}, {HttpMethods.Head}";
        }
    }
}
