using System.Globalization;
using System.Net.Http.Headers;
using MongoDB.Bson;
using Runs.Api.Authentication;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects.MassTransitDefaults;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Subjects;

/// <summary>A server that is measured: one way from <c>POST /runs</c> to a stored run.</summary>
internal sealed class BenchmarkSubject : IAsyncDisposable
{
    public const string Baseline = "baseline";
    public const string MassTransitDefaults = "masstransit-defaults";
    public const string RunsServer = "runs";
    public const string BaselineWithoutBroker = "baseline-no-broker";
    public const string RunsEmbedded = "runs-embedded";

    /// <summary>The hand-written server whose claims are measured, and not its creates.</summary>
    public const string BaselineClaims = "baseline-claims";

    /// <summary>The file name of the server's assembly.</summary>
    public const string ServerAssembly = "Runs.Server.dll";

    /// <summary>The project of all runs.</summary>
    public const string ProjectId = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";

    /// <summary>The tenant of all runs.</summary>
    public const string Tenant = "bench";

    /// <summary>The number of runs on the page of <see cref="ListRequest"/>.</summary>
    public const int PageSize = 20;

    /// <summary>
    /// The names and descriptions of the subjects whose creates are measured, in the order of the tables.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> Descriptions = new Dictionary<string, string>
    {
        [Baseline] = "hand-written: queue, one insert, reply",
        [MassTransitDefaults] = "a MassTransit saga with its defaults",
        [RunsServer] = "Runs on RabbitMQ and MongoDB",
        [BaselineWithoutBroker] = "hand-written, without a broker",
        [RunsEmbedded] = "Runs without other services (SQLite)",
    };

    private static readonly string ApiKeyText = ApiKey.Create();

    private readonly DirectoryInfo? _data;
    private long _lastRunNumber;

    private BenchmarkSubject(SubjectOptions options, SubjectProcess process, DirectoryInfo? data) =>
        (Name, DatabaseName, _lastRunNumber, Process, _data) = (options.Name, options.Database, options.LastRunNumber, process, data);

    public string Name { get; }

    public string DatabaseName { get; }

    public SubjectProcess Process { get; }

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

    /// <summary>The first page of the project's list.</summary>
    public static RequestTemplate ListRequest { get; } =
        RequestTemplate.Get($"/projects/{ProjectId}/runs?limit={PageSize}", AuthorizationHeader);

    /// <summary>Creates of new runs, one after the other.</summary>
    public LoadPlan CreatePlan =>
        new([Process.Port], CreateRequest, _ => Interlocked.Increment(ref _lastRunNumber), ExpectedStatus: 202);

    /// <summary>
    /// The number of the last run that was requested; the first one is that of the readiness request, 0.
    /// </summary>
    public long LastRunNumber => _lastRunNumber;

    /// <summary>The id of a run from the twelve digits of its number.</summary>
    public static string FormatRunId(string digits) => $"run_00000000000000000000{digits}";

    public static string FormatRunId(long number) => FormatRunId(number.ToString("x12", CultureInfo.InvariantCulture));

    /// <summary>Starts a subject with its own database, and waits until it is ready.</summary>
    public static async Task<BenchmarkSubject> Start(SubjectOptions options, CancellationToken cancellationToken)
    {
        var (name, services) = (options.Name, options.Services);
        var port = FreePort.Find();
        if (name is Baseline or MassTransitDefaults or BaselineWithoutBroker or BaselineClaims)
        {
            string[] command =
            [
                "bench", "serve", name, port.ToString(CultureInfo.InvariantCulture),
                services.BrokerUrl, services.StoreUrl(options.Database),
            ];
            var program = typeof(BenchmarkSubject).Assembly.Location;
            var server = await SubjectProcess.Start(
                program, command, new Dictionary<string, string?>(), port, options.Readiness, cancellationToken);
            return new BenchmarkSubject(options, server, data: null);
        }

        var data = name == RunsEmbedded ? Directory.CreateTempSubdirectory("runs-bench-") : null;
        var process = await SubjectProcess.Start(
            Path.Combine(options.BuildDirectory ?? AppContext.BaseDirectory, ServerAssembly),
            ["--urls", $"http://127.0.0.1:{port}"],
            CreateSettings(options, data),
            port,
            options.Readiness,
            cancellationToken);
        return new BenchmarkSubject(options, process, data);
    }

    /// <summary>Counts the runs in the subject's database.</summary>
    public Task<long> CountStoredRuns(ServiceEndpoints services) => services
        .GetDatabase(DatabaseName)
        .GetCollection<BsonDocument>("runs")
        .CountDocumentsAsync(new BsonDocument());

    /// <summary>Runs one of the hand-written servers in this process.</summary>
    public static Task RunServer(string name, int port, string broker, string store) => name switch
    {
        Baseline => BaselineServer.Run(port, broker, store),
        MassTransitDefaults => MassTransitServer.Run(port, broker, store),
        BaselineClaims => BaselineClaimServer.Run(port, broker, store),
        _ => BaselineWithoutBrokerServer.Serve(port, store),
    };

    /// <summary>Creates a client for what the load generator cannot do.</summary>
    public HttpClient CreateClient()
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Process.Port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKeyText);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _data?.Delete(recursive: true);
    }

    private static Dictionary<string, string?> CreateSettings(SubjectOptions options, DirectoryInfo? data)
    {
        _ = ApiKey.TryParse(ApiKeyText, out var prefix, out var secret);
        var settings = new Dictionary<string, string?>
        {
            ["Auth__ApiKeys__0__Prefix"] = prefix,
            ["Auth__ApiKeys__0__SecretSha256"] = ApiKey.ComputeHash(secret),
            ["Auth__ApiKeys__0__Tenant"] = Tenant,
        };
        if (data is null)
        {
            settings["ConnectionStrings__RabbitMq"] = options.Services.BrokerUrl;
            settings["ConnectionStrings__MongoDb"] = options.Services.StoreUrl(options.Database);
        }
        else
        {
            settings["Sqlite__DataDirectory"] = data.FullName;
        }

        foreach (var (setting, value) in options.Settings)
        {
            settings[setting] = value;
        }

        return settings;
    }
}
