using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Runs.Client;
using Runs.Client.Http;

namespace Runs.Worker;

/// <summary>
/// The calls of a registered worker. Registers again when the server does not know its token any more. Heartbeats have
/// a separate connection pool, and are not retried here: a retry must name the runs that are held then.
/// </summary>
internal sealed class WorkerConnection(
    RunsClient client, WorkerDefinition definition, RunsWorkerOptions options, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>The named HTTP client of heartbeats.</summary>
    public const string Heartbeats = "runs-heartbeats";

    private readonly SemaphoreSlim _registration = new(1);
    private volatile WorkerIdentity? _identity;

    /// <summary>Identifies this process among the replicas that share the worker's key.</summary>
    public string InstanceId { get; } = System.Security.Cryptography.RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Adds the named HTTP client of heartbeats.</summary>
    public static void AddHttpClient(IServiceCollection services) => services.AddApiClient(Heartbeats).AddInnerHandlers();

    /// <summary>Registers the worker, and retries until the server answers.</summary>
    /// <exception cref="RunsException">The server rejects the worker.</exception>
    public async Task Register(CancellationToken cancellationToken)
    {
        for (var failure = 0; ; failure++)
        {
            try
            {
                await GetIdentity(replaced: null, cancellationToken);
                return;
            }
            catch (RunsException exception) when (exception.IsTransient)
            {
                logger.RegistrationFailed(exception);
                await Task.Delay(PollResilience.GetDelay(failure), clock, cancellationToken);
            }
        }
    }

    public Task<ClaimResponse> Claim(int maxRuns, CancellationToken cancellationToken)
    {
        var body = new ClaimBody(LeaseSeconds, (int)options.ClaimWait.TotalSeconds, maxRuns, InstanceId);
        return Send<ClaimResponse>(HttpMethod.Post, "claim", body, ApiClients.Polls, options.ClaimWait, cancellationToken);
    }

    public async Task<HeartbeatResponse> Heartbeat(IReadOnlyList<HeldRun> runs, TimeSpan wait, CancellationToken cancellationToken)
    {
        var body = new HeartbeatBody(InstanceId, runs, LeaseSeconds, (int)wait.TotalSeconds);
        var response = await Send<HeartbeatResponse>(HttpMethod.Post, "heartbeat", body, Heartbeats, wait, cancellationToken);
        if (response.Token is { Length: > 0 } token && _identity is { } identity)
        {
            _identity = identity with { Token = token };
        }

        return response;
    }

    public Task<LeaseResponse> RenewLease(Attempt attempt, CancellationToken cancellationToken) => Send<LeaseResponse>(
        HttpMethod.Post, GetPath(attempt, "lease"), new LeaseBody(LeaseSeconds, attempt.Number), null, null, cancellationToken);

    public Task<SessionResponse> SaveSession(Attempt attempt, SessionBody body, CancellationToken cancellationToken) =>
        Send<SessionResponse>(HttpMethod.Put, GetPath(attempt, "session"), body, null, null, cancellationToken);

    public Task<ReleaseResponse> Release(Attempt attempt, string reason, CancellationToken cancellationToken) => Send<ReleaseResponse>(
        HttpMethod.Delete, GetPath(attempt, "lease"), new ReleaseBody(attempt.Number, reason), null, null, cancellationToken);

    public void Dispose() => _registration.Dispose();

    private int LeaseSeconds => (int)options.Lease.TotalSeconds;

    private static string GetPath(Attempt attempt, string rest) => $"runs/{Uri.EscapeDataString(attempt.RunId)}/{rest}";

    private async Task<T> Send<T>(
        HttpMethod method, string path, object body, string? httpClient, TimeSpan? wait, CancellationToken cancellationToken)
    {
        var identity = await GetIdentity(replaced: null, cancellationToken);
        try
        {
            return await client.Transport.Send<T>(CreateCall(identity), cancellationToken);
        }
        catch (RunsException exception) when (exception.Status == HttpStatusCode.Unauthorized)
        {
            identity = await GetIdentity(identity, cancellationToken);
            return await client.Transport.Send<T>(CreateCall(identity), cancellationToken);
        }

        ApiRequest CreateCall(WorkerIdentity worker)
        {
            var call = new ApiRequest(method, $"/agent-workers/workers/{Uri.EscapeDataString(worker.Id)}/{path}")
            {
                Body = body,
                Token = worker.Token,
                Wait = wait,
            };
            return httpClient is null ? call : call with { Client = httpClient };
        }
    }

    private async Task<WorkerIdentity> GetIdentity(WorkerIdentity? replaced, CancellationToken cancellationToken)
    {
        if (_identity is { } known && known != replaced)
        {
            return known;
        }

        await _registration.WaitAsync(cancellationToken);
        try
        {
            if (_identity is { } current && current != replaced)
            {
                return current;
            }

            var project = Uri.EscapeDataString(options.Project ?? client.Project);
            var body = new RegisterBody(
                options.ImplementationKind, options.WorkerKey, definition.Handlers.Targets, options.MaxConcurrentRuns);
            var registered = await client.Transport.Send<RegisterResponse>(
                new ApiRequest(HttpMethod.Post, $"/agent-workers/projects/{project}/workers") { Body = body }, cancellationToken);
            _identity = new WorkerIdentity(registered.Worker.Id, registered.Token);
            logger.Registered(options.WorkerKey, registered.Worker.Id, string.Join(", ", definition.Handlers.Targets));
            return _identity;
        }
        finally
        {
            _registration.Release();
        }
    }
}
