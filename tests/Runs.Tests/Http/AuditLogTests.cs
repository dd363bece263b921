using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Runs.Tests.Http;

/// <summary>The log category <c>Runs.Audit</c>.</summary>
public sealed class AuditLogTests(AuditedStack stack) : IClassFixture<AuditedStack>
{
    [Fact]
    public async Task Who_did_what_to_which_run_is_logged_with_its_outcome_and_no_secret()
    {
        var run = Calls.NewId();
        using var caller = await stack.CallerWith("write", userId: "0c1d2e3f-1111-4222-8333-444455556666");
        var key = caller.DefaultRequestHeaders.Authorization!.Parameter!;
        var prefix = key.Split('_')[1];

        await caller.Create(Calls.Task(run));
        await caller.Post($"/runs/{run}/cancel");
        await caller.Post("/runs/unknown/cancel");

        var lines = stack.Lines.Where(line => line.Text.Contains(prefix, StringComparison.Ordinal)).ToList();
        Assert.Collection(
            lines,
            line => AssertSays(line, $"createRun {run} answered 202"),
            line => AssertSays(line, $"cancelRun {run} answered 200"),
            line => AssertSays(line, "cancelRun unknown answered 404"));
        Assert.DoesNotContain(stack.Lines, line => line.Text.Contains(key[^20..], StringComparison.Ordinal));

        void AssertSays((LogLevel Level, string Text) line, string expected)
        {
            Assert.StartsWith($"user 0c1d2e3f-1111-4222-8333-444455556666 with key {prefix} of dev: {expected} (trace ", line.Text, StringComparison.Ordinal);
            Assert.EndsWith(", from 127.0.0.1)", line.Text, StringComparison.Ordinal);
            Assert.Equal(LogLevel.Information, line.Level);
        }
    }

    [Fact]
    public async Task A_wrong_scope_and_a_wrong_key_are_logged_and_a_flood_of_them_is_not()
    {
        using var reader = await stack.CallerWith("read");
        using var wrong = stack.Caller("vf_made_up");

        await reader.Post("/runs/any/cancel");
        for (var i = 0; i < 300; i++)
        {
            await wrong.Read("/runs/any");
        }

        Assert.Contains(stack.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("of dev: cancelRun any refused with 403", StringComparison.Ordinal));
        var refused = stack.Lines.Where(line => line.Text.StartsWith("unknown with key made of -: getRun any refused with 401", StringComparison.Ordinal)).ToList();
        Assert.InRange(refused.Count, 1, 200);
        Assert.DoesNotContain(stack.Lines, line => line.Text.Contains("vf_made_up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reads_are_not_logged_and_paths_cannot_forge_lines()
    {
        using var caller = await stack.CallerWith("read write");

        await caller.Read("/runs/seldom-read");
        await caller.Post("/runs/aaa%0d%0acrit: forged/cancel");

        Assert.DoesNotContain(stack.Lines, line => line.Text.Contains("seldom-read", StringComparison.Ordinal) || line.Text.Contains("forged", StringComparison.Ordinal));
    }
}

/// <summary>The embedded default, and what it logs in the category <c>Runs.Audit</c>.</summary>
public sealed class AuditedStack : EmbeddedStack
{
    private readonly ConcurrentQueue<(LogLevel, string)> _lines = [];

    public IReadOnlyCollection<(LogLevel Level, string Text)> Lines => [.. _lines];

    protected override void Adjust(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Logging.AddProvider(new AuditLines(_lines));
    }

    private sealed class AuditLines(ConcurrentQueue<(LogLevel, string)> lines) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Lines(categoryName == "Runs.Audit" ? lines : null);

        public void Dispose()
        {
        }

        private sealed class Lines(ConcurrentQueue<(LogLevel, string)>? lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => lines is not null;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines?.Enqueue((logLevel, formatter(state, exception)));
        }
    }
}
