using System.Globalization;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Api.Authentication;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets.MassTransitDefaults;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Targets;

/// <summary>What is measured: a way to take <c>POST /runs</c> to a stored run.</summary>
internal sealed class BenchmarkTarget : IAsyncDisposable
{
    /// <summary>All of them, in the order of the tables.</summary>
    public static readonly IReadOnlyDictionary<string, string> Descriptions = new Dictionary<string, string>
    {
        [Baseline] = "by hand: queue, one insert, reply",
        [MassTransitDefaults] = "MassTransit by the book",
        [RunsServer] = "Runs on RabbitMQ and MongoDB",
        [DirectInsert] = "by hand, without a broker",
        [RunsEmbedded] = "Runs with nothing else (SQLite)",
    };

    /// <summary>What a build of Runs is started by.</summary>
    public const string ServerAssembly = "Runs.Server.dll";

    public const string Baseline = "floor";
    public const string MassTransitDefaults = "textbook";
    public const string RunsServer = "ours";
    public const string DirectInsert = "direct";
    public const string RunsEmbedded = "embedded";

    /// <summary>The project that creates name.</summary>
    public const string ProjectId = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";

    private static readonly string ApiKeyText = ApiKey.Create();

    private readonly DirectoryInfo? _data;
    private long _lastRunNumber;

    private BenchmarkTarget(string name, string database, TargetProcess process, DirectoryInfo? data) => (Name, DatabaseName, Process, _data) = (name, database, process, data);

    public string Name { get; }

    public string DatabaseName { get; }

    public TargetProcess Process { get; }

    /// <summary>The header lines of a request.</summary>
    public static string AuthorizationHeader => $"Authorization: Bearer {ApiKeyText}\r\n";

    /// <summary>A create, of the size that people send.</summary>
    public static RequestTemplate CreateRequest { get; } = RequestTemplate.Post("/runs", AuthorizationHeader, $$$"""
        {"kind":"task","public_id":"{{{FormatRunId(RequestTemplate.NumberPlaceholder)}}}","owner":{"kind":"project","id":"{{{ProjectId}}}"},"request":{"target":"task:resize-images","name":"Resize the images of an order","input":{"order_id":"a4f1c7d2","images":["front.png","back.png","side.png"],"width":1280,"quality":0.85,"notify":true},"timeout_seconds":600}}
        """);

    /// <summary>A look at one run.</summary>
    public static RequestTemplate GetRequest { get; } = RequestTemplate.Get($"/runs/{FormatRunId(RequestTemplate.NumberPlaceholder)}", AuthorizationHeader);

    /// <summary>The plan of one new run after the other.</summary>
    public LoadPlan CreatePlan => new(Process.Port, CreateRequest, _ => Interlocked.Increment(ref _lastRunNumber), ExpectedStatus: 202);

    /// <summary>How many runs it was asked for so far; their numbers are 0 to this.</summary>
    public long LastRunNumber => _lastRunNumber;

    /// <summary>A run's id from the twelve digits of its number.</summary>
    public static string FormatRunId(string digits) => $"run_00000000000000000000{digits}";

    public static string FormatRunId(long number) => FormatRunId(number.ToString("x12", CultureInfo.InvariantCulture));

    /// <summary>
    /// Starts one, with a database of its own. It is ready when it has created run 0, or when it answers <paramref name="readinessRequest"/>: two on one broker share their
    /// queue, and only one of them may create. <paramref name="buildDirectory"/> is the directory of another build of Runs, which has a virtual host of its name.
    /// </summary>
    public static async Task<BenchmarkTarget> Start(
        string name, ServiceEndpoints rig, CancellationToken cancellationToken, string? database = null, RequestTemplate? readinessRequest = null, IReadOnlyDictionary<string, string>? extraSettings = null,
        string? buildDirectory = null)
    {
        database ??= $"bench_{name}";
        var port = Container.GetFreePort();
        var (first, expected) = readinessRequest is null ? (CreateRequest, 202) : (readinessRequest, 200);
        if (name is Baseline or MassTransitDefaults or DirectInsert)
        {
            string[] arguments = ["bench", "serve", name, port.ToString(CultureInfo.InvariantCulture), rig.BrokerUrl, rig.StoreUrl(database)];
            return new BenchmarkTarget(name, database, await TargetProcess.Start(typeof(BenchmarkTarget).Assembly.Location, arguments, new Dictionary<string, string>(), port, first, expected, cancellationToken), null);
        }

        var data = name == RunsEmbedded ? Directory.CreateTempSubdirectory("runs-bench-") : null;
        var settings = new Dictionary<string, string>(extraSettings ?? new Dictionary<string, string>());
        _ = ApiKey.TryParse(ApiKeyText, out var prefix, out var secret);
        (settings["Auth__ApiKeys__0__Prefix"], settings["Auth__ApiKeys__0__SecretSha256"], settings["Auth__ApiKeys__0__Tenant"]) = (prefix, ApiKey.ComputeHash(secret), "bench");
        if (data is null)
        {
            (settings["ConnectionStrings__RabbitMq"], settings["ConnectionStrings__MongoDb"]) = (rig.BrokerUrl, rig.StoreUrl(database));
        }
        else
        {
            settings["Sqlite__DataDirectory"] = data.FullName;
        }

        var program = buildDirectory is null ? ServerAssembly : Path.Combine(buildDirectory, ServerAssembly);
        string[] urls = ["--urls", $"http://127.0.0.1:{port}"];
        return new BenchmarkTarget(name, database, await TargetProcess.Start(program, urls, settings, port, first, expected, cancellationToken), data);
    }

    /// <summary>How many runs stand in its store.</summary>
    public Task<long> CountStoredRuns(ServiceEndpoints rig) => rig.GetDatabase(DatabaseName).GetCollection<BsonDocument>("runs").CountDocumentsAsync(new BsonDocument());

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _data?.Delete(recursive: true);
    }

    /// <summary>The hidden command that the processes of the floor and others run.</summary>
    public static Task RunServer(string name, int port, string broker, string store) => name switch
    {
        Baseline => BaselineServer.Run(port, broker, store),
        MassTransitDefaults => MassTransitServer.Run(port, broker, store),
        _ => DirectInsertServer.Run(port, store),
    };
}
