using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Runs.Tests.Observability;

/// <summary>The port for Prometheus: what it serves, and that nothing else leads there or from there.</summary>
public sealed partial class MetricsServerTests : IAsyncLifetime
{
    private readonly ScrapedApplication _application = new();
    private readonly HttpClient _scraper = new();

    public async Task InitializeAsync()
    {
        await _application.InitializeAsync();
        _scraper.BaseAddress = new Uri($"http://127.0.0.1:{_application.Port}");
    }

    public async Task DisposeAsync()
    {
        _scraper.Dispose();
        await _application.DisposeAsync();
    }

    [Fact]
    public async Task Metrics_are_served_in_the_format_of_Prometheus_without_a_credential()
    {
        var run = await _application.Client.CreateTask();

        var text = await _scraper.GetStringAsync("/metrics");

        Assert.Contains("# TYPE runs_creates_total counter", text, StringComparison.Ordinal);
        Assert.Matches(@"runs_creates_total\{code=""none"",kind=""task"",outcome=""new"",queue=""commands""\} [1-9]", text);
        Assert.Contains("runs_create_duration_seconds_bucket{hop=\"store\",le=\"0.001\"}", text, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds_count", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_process_memory_working_set_bytes", text, StringComparison.Ordinal);
        Assert.DoesNotContain("otel_scope", text, StringComparison.Ordinal);
        Assert.DoesNotContain(run, text, StringComparison.Ordinal);
        Assert.DoesNotMatch(UuidPattern(), TargetInfoPattern().Replace(text, ""));
    }

    [Fact]
    public async Task The_port_serves_metrics_and_health_only()
    {
        _scraper.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentApiKey.Key);

        string[] paths = ["/health/ready", "/health/live", "/runs", "/docs", "/", "/metrics/x"];
        var responses = await Task.WhenAll(paths.Select(path => _scraper.GetAsync(path)));

        Assert.Equal([200, 200, 404, 404, 404, 404], responses.Select(response => (int)response.StatusCode));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("metrics.internal:9464")]
    public async Task The_port_of_the_API_does_not_serve_metrics(string? host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Host = host;

        using var response = await _application.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_an_invalid_setting()
    {
        var other = new ScrapedApplication(_application.Port);

        var exception = await Assert.ThrowsAsync<InvalidSettingException>(other.InitializeAsync);

        Assert.Equal($"Telemetry:MetricsPort: port {_application.Port} is in use.", exception.Message);
        Assert.Equal([exception.Message], SettingsErrors.FromException(exception));
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-")]
    private static partial Regex UuidPattern();

    // Its label service_instance_id is a UUID, once in each process.
    [GeneratedRegex("target_info.*")]
    private static partial Regex TargetInfoPattern();

    private sealed class ScrapedApplication(int? port = null) : EmbeddedApplication
    {
        public int Port { get; } = port ?? FindFreePort();

        protected override async Task<Dictionary<string, string?>> CreateSettings() =>
            new(await base.CreateSettings()) { ["Telemetry:MetricsPort"] = $"{Port}" };

        private static int FindFreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
