namespace Runs.Api.Http;

/// <summary>
/// Answers HEAD wherever GET is answered: with the same status and headers, and no body, which the server drops. Routes are mapped for GET only, so a HEAD request
/// is routed as a GET; endpoints see the method as it was sent.
/// </summary>
internal static class HeadRequests
{
    /// <summary>Adds routing. What comes before it runs before the route is known.</summary>
    public static void UseRoutingWithHead(this WebApplication app)
    {
        app.Use(next => http => HttpMethods.IsHead(http.Request.Method) ? RouteAsGet(http, next) : Announce(http, next));
        app.UseRouting();
        app.Use(next => http =>
        {
            if (http.Items.ContainsKey(typeof(HeadRequests)))
            {
                http.Request.Method = HttpMethods.Head;
            }

            return next(http);
        });
    }

    private static Task RouteAsGet(HttpContext http, RequestDelegate next)
    {
        http.Items[typeof(HeadRequests)] = true;
        http.Request.Method = HttpMethods.Get;
        return Announce(http, next);
    }

    // The list of methods in a 405 comes from the routes.
    private static async Task Announce(HttpContext http, RequestDelegate next)
    {
        await next(http);
        if (http.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false } refusal
            && refusal.Headers.Allow.ToString() is var allowed && allowed.Contains(HttpMethods.Get, StringComparison.Ordinal))
        {
            refusal.Headers.Allow = $"{allowed}, {HttpMethods.Head}";
        }
    }
}
