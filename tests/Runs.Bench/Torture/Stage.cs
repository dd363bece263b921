using System.Collections.Concurrent;

namespace Runs.Bench.Torture;

/// <summary>What all parts of one torture share: where things are, what was seen, and how patient everybody is.</summary>
internal sealed class Stage(TortureOptions options, string folder, string name, Deployment deployment) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly CancellationTokenSource _givingUp = new();

    public TortureOptions Options => options;

    public string Folder => folder;

    /// <summary>Begins every run id of this torture, and no other's.</summary>
    public string Name => name;

    /// <summary>The project that every run of this torture belongs to.</summary>
    public string Project { get; } = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();

    public Deployment Deployment => deployment;

    public IReadOnlyList<Uri> Addresses => deployment.Addresses;

    public Uri BrokerUrl => deployment.BrokerUrl;

    public History History { get; } = new(folder);

    public Violations Violations { get; } = new();

    public ConcurrentDictionary<string, Subject> Subjects { get; } = new();

    /// <summary>How often which answer was given.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>Figures for the verdict, in their order.</summary>
    public ConcurrentQueue<(string What, string Figure)> Figures { get; } = new();

    /// <summary>Ends callers who were never served.</summary>
    public CancellationTokenSource GivingUp => _givingUp;

    public void Count(string answer) => _counts.AddOrUpdate(answer, 1, (_, count) => count + 1);

    public string NameOf(int address) => deployment.Servers.Count > 0 ? deployment.Servers[address].Name : $"api-{address + 1}";

    public bool WasAway(int address, double from, double to) => deployment.Servers.Count > 0 && deployment.Servers[address].WasAway(from, to);

    public Subject NewSubject(string id, Subject? parent) => Subjects.GetOrAdd(id, _ => new Subject(id, parent));

    /// <summary>What a client does before it asks again. How long is left to chance: a life must not go on otherwise because it had to ask twice.</summary>
    public Task Pause(int attempt) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(50, 100 << Math.Min(attempt, 4))), _givingUp.Token);

    public async ValueTask DisposeAsync()
    {
        await History.DisposeAsync();
        _givingUp.Dispose();
    }

    public static void Say(string text) =>
        Console.Out.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Watch.Seconds,7:0.0} s  {text}"));
}
