using System.Globalization;
using MongoDB.Bson;
using Runs.Api.Authentication;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets.MassTransitDefaults;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Targets;

/// <summary>A server that is measured: one way from <c>POST /runs</c> to a stored run.</summary>
internal sealed class BenchmarkTarget : IAsyncDisposable
{
    public const string Baseline = "floor";
    public const string MassTransitDefaults = "textbook";
    public const string RunsServer = "ours";
    public const string DirectInsert = "direct";
    public const string RunsEmbedded = "embedded";

    /// <summary>The file name of the server's assembly.</summary>
    public const string ServerAssembly = "Runs.Server.dll";

    /// <summary>The project of all runs.</summary>
    public const string ProjectId = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";

    /// <summary>The names and descriptions of all targets, in the order of the tables.</summary>
    public static readonly IReadOnlyDictionary<string, string> Descriptions = new Dictionary<string, string>
    {
        [Baseline] = "by hand: queue, one insert, reply",
        [MassTransitDefaults] = "MassTransit by the book",
        [RunsServer] = "Runs on RabbitMQ and MongoDB",
        [DirectInsert] = "by hand, without a broker",
        [RunsEmbedded] = "Runs with nothing else (SQLite)",
    };

    private static readonly string ApiKeyText = ApiKey.Create();

    private readonly DirectoryInfo? _data;
    private long _lastRunNumber;

    private BenchmarkTarget(string name, string database, TargetProcess process, DirectoryInfo? data) =>
        (Name, DatabaseName, Process, _data) = (name, database, process, data);

    public string Name { get; }

    public string DatabaseName { get; }

    public TargetProcess Process { get; }

    /// <summary>The header lines of a request.</summary>
    public static string AuthorizationHeader => $"Authorization: Bearer {ApiKeyText}\r\n";

    /// <summary>A create of a usual size.</summary>
    public static RequestTemplate CreateRequest { get; } = RequestTemplate.Post(
        "/runs",
        AuthorizationHeader,
        $$$"""{"kind":"task","public_id":"{{{FormatRunId(RequestTemplate.NumberPlaceholder)}}}","owner":"""
        + $$$"""{"kind":"project","id":"{{{ProjectId}}}"}"""
        + ""","request":{"target":"task:resize-images","name":"Resize the images of an order","input":"""
        + """{"order_id":"a4f1c7d2","images":["front.png","back.png","side.png"],"width":1280,"quality":0.85,"notify":true}"""
        + ""","timeout_seconds":600}}""");

    /// <summary>A read of one run.</summary>
    public static RequestTemplate GetRequest { get; } =
        RequestTemplate.Get($"/runs/{FormatRunId(RequestTemplate.NumberPlaceholder)}", AuthorizationHeader);

    /// <summary>Creates of new runs, one after the other.</summary>
    public LoadPlan CreatePlan =>
        new(Process.Port, CreateRequest, _ => Interlocked.Increment(ref _lastRunNumber), ExpectedStatus: 202);

    /// <summary>The number of the last run that was requested; the first one is 0.</summary>
    public long LastRunNumber => _lastRunNumber;

    /// <summary>The id of a run from the twelve digits of its number.</summary>
    public static string FormatRunId(string digits) => $"run_00000000000000000000{digits}";

    public static string FormatRunId(long number) => FormatRunId(number.ToString("x12", CultureInfo.InvariantCulture));

    /// <summary>Starts a target with its own database, and waits until it is ready.</summary>
    /// <param name="name">The name of the target.</param>
    /// <param name="services">The broker and the store.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="database">The database; null for one of the target's name.</param>
    /// <param name="readinessRequest">
    /// The request that the target answers when it is ready; null for the create of run 0. Two targets on one broker
    /// share their queue, so only one of them can create.
    /// </param>
    /// <param name="buildDirectory">
    /// The directory of another build of Runs, which has a virtual host of its name.
    /// </param>
    public static async Task<BenchmarkTarget> Start(
        string name,
        ServiceEndpoints services,
        CancellationToken cancellationToken,
        string? database = null,
        RequestTemplate? readinessRequest = null,
        string? buildDirectory = null)
    {
        database ??= $"bench_{name}";
        var readiness = readinessRequest is null ? new Readiness(CreateRequest, 202) : new Readiness(readinessRequest, 200);
        var port = FreePort.Find();
        if (name is Baseline or MassTransitDefaults or DirectInsert)
        {
            string[] command =
            [
                "bench", "serve", name, port.ToString(CultureInfo.InvariantCulture), services.BrokerUrl, services.StoreUrl(database),
            ];
            var program = typeof(BenchmarkTarget).Assembly.Location;
            var server = await TargetProcess.Start(program, command, new Dictionary<string, string?>(), port, readiness, cancellationToken);
            return new BenchmarkTarget(name, database, server, data: null);
        }

        var data = name == RunsEmbedded ? Directory.CreateTempSubdirectory("runs-bench-") : null;
        var process = await TargetProcess.Start(
            Path.Combine(buildDirectory ?? AppContext.BaseDirectory, ServerAssembly),
            ["--urls", $"http://127.0.0.1:{port}"],
            CreateSettings(services, database, data),
            port,
            readiness,
            cancellationToken);
        return new BenchmarkTarget(name, database, process, data);
    }

    /// <summary>Counts the runs in the target's database.</summary>
    public Task<long> CountStoredRuns(ServiceEndpoints services) => services
        .GetDatabase(DatabaseName)
        .GetCollection<BsonDocument>("runs")
        .CountDocumentsAsync(new BsonDocument());

    /// <summary>Runs one of the hand-written servers in this process.</summary>
    public static Task RunServer(string name, int port, string broker, string store) => name switch
    {
        Baseline => BaselineServer.Run(port, broker, store),
        MassTransitDefaults => MassTransitServer.Run(port, broker, store),
        _ => DirectInsertServer.Run(port, store),
    };

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _data?.Delete(recursive: true);
    }

    private static Dictionary<string, string?> CreateSettings(ServiceEndpoints services, string database, DirectoryInfo? data)
    {
        _ = ApiKey.TryParse(ApiKeyText, out var prefix, out var secret);
        var settings = new Dictionary<string, string?>
        {
            ["Auth__ApiKeys__0__Prefix"] = prefix,
            ["Auth__ApiKeys__0__SecretSha256"] = ApiKey.ComputeHash(secret),
            ["Auth__ApiKeys__0__Tenant"] = "bench",
        };
        if (data is null)
        {
            settings["ConnectionStrings__RabbitMq"] = services.BrokerUrl;
            settings["ConnectionStrings__MongoDb"] = services.StoreUrl(database);
        }
        else
        {
            settings["Sqlite__DataDirectory"] = data.FullName;
        }

        return settings;
    }
}
