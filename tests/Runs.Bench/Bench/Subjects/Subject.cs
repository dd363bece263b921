using System.Globalization;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Api;
using Runs.Bench.Bench.Load;

namespace Runs.Bench.Bench.Subjects;

/// <summary>Where the broker and the store are, on 127.0.0.1.</summary>
/// <param name="BrokerPort">RabbitMQ's.</param>
/// <param name="StorePort">MongoDB's.</param>
/// <param name="VirtualHost">Servers of one virtual host share their queues.</param>
internal sealed record Rig(int BrokerPort, int StorePort, string VirtualHost = "")
{
    public string Broker => $"amqp://guest:guest@127.0.0.1:{BrokerPort}/{VirtualHost}";

    public IMongoDatabase Database(string name) => new MongoClient(Store(name)).GetDatabase(name);

    public string Store(string database) => $"mongodb://127.0.0.1:{StorePort}/{database}?directConnection=true";
}

/// <summary>What is measured: a way to take <c>POST /runs</c> to a stored run.</summary>
internal sealed class Subject : IAsyncDisposable
{
    /// <summary>All of them, in the order of the tables.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        [Floor] = "by hand: queue, one insert, reply",
        [Textbook] = "MassTransit by the book",
        [Ours] = "Runs on RabbitMQ and MongoDB",
        [Direct] = "by hand, without a broker",
        [Embedded] = "Runs with nothing else (SQLite)",
    };

    /// <summary>What a build of Runs is started by.</summary>
    public const string Program = "Runs.Server.dll";

    public const string Floor = "floor";
    public const string Textbook = "textbook";
    public const string Ours = "ours";
    public const string Direct = "direct";
    public const string Embedded = "embedded";

    /// <summary>The project that creates name.</summary>
    public const string Project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";

    private static readonly string Key = ApiKey.Create();

    private readonly DirectoryInfo? _data;
    private long _last;

    private Subject(string name, string database, SubjectProcess process, DirectoryInfo? data) => (Name, Database, Process, _data) = (name, database, process, data);

    public string Name { get; }

    public string Database { get; }

    public SubjectProcess Process { get; }

    /// <summary>The header lines of a request.</summary>
    public static string Headers => $"Authorization: Bearer {Key}\r\n";

    /// <summary>A create, of the size that people send.</summary>
    public static RequestTemplate Create { get; } = RequestTemplate.Post("/runs", Headers, $$$"""
        {"kind":"task","public_id":"{{{IdOf(RequestTemplate.Mark)}}}","owner":{"kind":"project","id":"{{{Project}}}"},"request":{"target":"task:resize-images","name":"Resize the images of an order","input":{"order_id":"a4f1c7d2","images":["front.png","back.png","side.png"],"width":1280,"quality":0.85,"notify":true},"timeout_seconds":600}}
        """);

    /// <summary>A look at one run.</summary>
    public static RequestTemplate Get { get; } = RequestTemplate.Get($"/runs/{IdOf(RequestTemplate.Mark)}", Headers);

    /// <summary>The plan of one new run after the other.</summary>
    public LoadPlan Creates => new(Process.Port, Create, _ => Interlocked.Increment(ref _last), Expected: 202);

    /// <summary>How many runs it was asked for so far; their numbers are 0 to this.</summary>
    public long LastNumber => _last;

    /// <summary>A run's id from the twelve digits of its number.</summary>
    public static string IdOf(string digits) => $"run_00000000000000000000{digits}";

    public static string IdOf(long number) => IdOf(number.ToString("x12", CultureInfo.InvariantCulture));

    /// <summary>
    /// Starts one, with a database of its own. It is ready when it has created run 0, or when it answers <paramref name="look"/>: two on one broker share their
    /// queue, and only one of them may create. <paramref name="build"/> is the directory of another build of Runs, which has a virtual host of its name.
    /// </summary>
    public static async Task<Subject> Start(
        string name, Rig rig, CancellationToken cancellationToken, string? database = null, RequestTemplate? look = null, IReadOnlyDictionary<string, string>? more = null,
        string? build = null)
    {
        database ??= $"bench_{name}";
        var port = Container.FreePort();
        var (first, expected) = look is null ? (Create, 202) : (look, 200);
        if (name is Floor or Textbook or Direct)
        {
            string[] arguments = ["bench", "serve", name, port.ToString(CultureInfo.InvariantCulture), rig.Broker, rig.Store(database)];
            return new Subject(name, database, await SubjectProcess.Start("Runs.Bench.dll", arguments, new Dictionary<string, string>(), port, first, expected, cancellationToken), null);
        }

        var data = name == Embedded ? Directory.CreateTempSubdirectory("runs-bench-") : null;
        var settings = new Dictionary<string, string>(more ?? new Dictionary<string, string>());
        _ = ApiKey.TryParse(Key, out var prefix, out var secret);
        (settings["Auth__ApiKeys__0__Prefix"], settings["Auth__ApiKeys__0__SecretSha256"], settings["Auth__ApiKeys__0__Tenant"]) = (prefix, ApiKey.HashOf(secret), "bench");
        if (data is null)
        {
            (settings["ConnectionStrings__RabbitMq"], settings["ConnectionStrings__MongoDb"]) = (rig.Broker, rig.Store(database));
        }
        else
        {
            settings["Embedded__DataDirectory"] = data.FullName;
        }

        var program = build is null ? Program : Path.Combine(build, Program);
        string[] urls = ["--urls", $"http://127.0.0.1:{port}"];
        return new Subject(name, database, await SubjectProcess.Start(program, urls, settings, port, first, expected, cancellationToken), data);
    }

    /// <summary>How many runs stand in its store.</summary>
    public Task<long> Stored(Rig rig) => rig.Database(Database).GetCollection<BsonDocument>("runs").CountDocumentsAsync(new BsonDocument());

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _data?.Delete(recursive: true);
    }

    /// <summary>The hidden command that the processes of the floor and others run.</summary>
    public static Task Serve(string name, int port, string broker, string store) => name switch
    {
        Floor => FloorServer.Run(port, broker, store),
        Textbook => TextbookServer.Run(port, broker, store),
        _ => DirectServer.Run(port, store),
    };
}
