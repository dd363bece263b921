using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Logging;

/// <summary>The entries of requests and of commands name the tenant and the run.</summary>
public sealed class LogScopeTests(LogScopeTests.CapturedApplication application) : IClassFixture<LogScopeTests.CapturedApplication>
{
    [Fact]
    public async Task The_entries_of_a_command_have_its_run_and_its_message()
    {
        var run = await application.Client.CreateTask();

        var entry = application.Log.GetEntries("Runs.Lifecycle.RunStateMachine").Single(entry => Get(entry, "run_id") == run);
        Assert.Equal(("dev", "CreateRun"), (Get(entry, "tenant"), Get(entry, "command")));
        Assert.True(Guid.TryParse(Get(entry, "message_id"), out _));
    }

    [Fact]
    public async Task The_entry_of_a_failed_request_has_its_tenant_and_its_run()
    {
        var run = await application.Client.CreateTask();
        (application.Store.FailingMethod, application.Store.Failure) =
            (nameof(IRunStore.Find), new InvalidOperationException("Cannot be read."));
        try
        {
            Assert.Equal(500, (await application.Client.Get($"/runs/{run}")).Status);
        }
        finally
        {
            application.Store.Failure = null;
        }

        var entry = application.Log.Lines.Select(line => JsonElement.Parse(line))
            .First(entry => Get(entry, "exception")?.Contains("Cannot be read.", StringComparison.Ordinal) == true);
        Assert.Equal(("dev", run), (Get(entry, "tenant"), Get(entry, "run_id")));
    }

    private static string? Get(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>A server whose log is captured as JSON.</summary>
    public sealed class CapturedApplication : EmbeddedApplication
    {
        public JsonLogCapture Log { get; } = new();

        public new InterceptedStore Store { get; private set; } = null!;

        protected override void ConfigureBuilder(WebApplicationBuilder builder)
        {
            builder.Logging.AddProvider(Log);
            builder.InterceptStore(store => Store = store);
        }
    }
}
