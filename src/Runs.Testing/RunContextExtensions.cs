using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Runs.Client;
using Runs.Client.Http;
using Runs.Contracts;
using Runs.Worker;

namespace Runs.Testing;

/// <summary>Creates contexts for tests of handlers.</summary>
public static class RunContextExtensions
{
#pragma warning disable CA1034 // The analyzer takes the extension block for a nested type.
    extension(RunContext)
#pragma warning restore CA1034
    {
        /// <summary>
        /// Creates a context for a handler, without a server. The log and the checkpoint are in memory; other calls
        /// throw <see cref="RunsException"/>.
        /// </summary>
        /// <typeparam name="TConfig">The type of the config.</typeparam>
        /// <param name="config">The config of the run.</param>
        /// <param name="attempt">The number of the attempt, from 1.</param>
        /// <param name="checkpoint">What an earlier attempt saved: a value that becomes a JSON object, or null.</param>
        /// <param name="shuttingDown">The token <see cref="RunContext.ShuttingDown"/>.</param>
        public static RunContext<TConfig> ForTest<TConfig>(
            TConfig config, int attempt = 1, object? checkpoint = null, CancellationToken shuttingDown = default)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            var claim = new ClaimedRun
            {
                RunId = "run_test",
                Attempt = attempt,
                Kind = RunKinds.Task,
                Target = "task:test",
                WorkerSession = checkpoint is null ? null : new WorkerSession { Metadata = ApiJson.ToRawJson(checkpoint) },
            };
            return new RunContext<TConfig>(CreateEnvironment(claim, shuttingDown), config);
        }
    }

    private static AttemptEnvironment CreateEnvironment(ClaimedRun claim, CancellationToken shuttingDown)
    {
        var clock = TimeProvider.System;
        var services = new ServiceCollection();
        services.AddRunsClient(options =>
        {
            options.Address = new Uri("http://127.0.0.1");
            options.ApiKey = RunsTestServer.ApiKey;
            options.Project = RunsTestServer.Project;
        }).ConfigurePrimaryHttpMessageHandler(() => new InMemoryRunHandler());
        var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<RunsClient>();
        var options = new RunsWorkerOptions { WorkerKey = "test" };
        var attempt = new Attempt(claim, TimeSpan.FromDays(1), clock.GetTimestamp(), clock);
        return new AttemptEnvironment(
            attempt,
            new HeldAttempts(),
            new WorkerConnection(client, new WorkerDefinition("", new HandlerTable()), options, clock, NullLogger.Instance),
            client,
            provider,
            new RunLog(new EventSender(client, attempt, clock), claim.RunId),
            clock,
            shuttingDown);
    }
}
