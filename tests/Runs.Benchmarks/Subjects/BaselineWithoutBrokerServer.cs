using Microsoft.AspNetCore.Http;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// The baseline of everything that needs no broker: the cost with nothing but Kestrel and the database. A create is one
/// insert, a read one find, an append one find and one conditional update, a stream one find and what the process
/// appends later.
/// </summary>
internal static class BaselineWithoutBrokerServer
{
    public static Task Serve(int port, string store)
    {
        var runs = new BaselineRunStore(store);
        var stream = new BaselineEventStream(runs.Collection);
        var events = new BaselineEventLog(runs.Collection, stream);
        var list = new BaselineRunList(runs.Collection);
        return BaselineHttpServer.Serve(port, Handle);

        // /runs, /runs/{id}, /runs/{id}/events, /runs/{id}/complete, /runs/{id}/stream, /projects/{id}/runs
        async Task Handle(HttpContext http)
        {
            var path = http.Request.Path.Value!.Split('/');
            switch (http.Request.Method, path)
            {
                case ("POST", [_, "runs"]):
                    var created = await BaselineHttpServer.ReadBody(http, runs.Create);
                    await BaselineHttpServer.WriteResponse(http, StatusCodes.Status202Accepted, created);
                    break;
                case ("GET", [_, "runs", var id]):
                    await BaselineHttpServer.WriteResponse(http, StatusCodes.Status200OK, await runs.Find(id));
                    break;
                case ("POST", [_, "runs", var id, "events"]):
                    var appended = await BaselineHttpServer.ReadBody(http, body => events.Append(id, body));
                    await BaselineHttpServer.WriteResponse(http, StatusCodes.Status200OK, appended);
                    break;
                case ("POST", [_, "runs", var id, "complete"]):
                    await BaselineHttpServer.WriteResponse(http, StatusCodes.Status200OK, await stream.Complete(id));
                    break;
                case ("GET", [_, "runs", var id, "stream"]):
                    await stream.Write(http, id);
                    break;
                case ("GET", [_, "projects", var project, "runs"]):
                    var page = await list.ReadFirstPage(project, BenchmarkSubject.PageSize);
                    await BaselineHttpServer.WriteResponse(http, StatusCodes.Status200OK, page);
                    break;
                default:
                    await BaselineHttpServer.WriteResponse(http, StatusCodes.Status404NotFound, null);
                    break;
            }
        }
    }
}
