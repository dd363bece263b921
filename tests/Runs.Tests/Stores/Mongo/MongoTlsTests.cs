using System.Security.Authentication;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Store.Mongo;
using Runs.Tests.Messaging;

namespace Runs.Tests.Stores;

/// <summary>With tls=true a MongoDB server is verified, also when a private authority issued its certificate.</summary>
public sealed class MongoTlsTests : IDisposable
{
    private const string CaFileSetting = "MongoDb:CaFile";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_server_with_a_certificate_of_the_configured_CA_is_accepted()
    {
        await using var server = new TlsListener(_certificates.Issue("localhost"));

        await Connect(server, "", _certificates.CaFile, timeoutMs: 2000);

        Assert.NotNull(server.ReceivedSoFar);
    }

    [Fact]
    public async Task A_server_with_a_certificate_of_the_tlsCAFile_is_accepted()
    {
        await using var server = new TlsListener(_certificates.Issue("localhost"));

        await Connect(server, $"&tlsCAFile={Uri.EscapeDataString(_certificates.CaFile)}", caFile: null, timeoutMs: 2000);

        Assert.NotNull(server.ReceivedSoFar);
    }

    [Fact]
    public async Task A_server_with_a_certificate_of_an_unknown_CA_is_rejected_and_the_error_names_the_setting()
    {
        await using var server = new TlsListener(_certificates.Issue("localhost"));

        var (failure, advice) = await Connect(server, "", caFile: null, timeoutMs: 2000);

        Assert.IsType<TimeoutException>(failure);
        Assert.Null(server.ReceivedSoFar);
        Assert.Contains(CaFileSetting, advice, StringComparison.Ordinal);
        Assert.Contains($"localhost:{server.Port}", advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&tlsAllowInvalidCertificates=true&tlsAllowInvalidHostnames=true")] // options that the driver does not know
    public async Task A_self_signed_server_is_rejected(string options)
    {
        await using var server = new TlsListener(TestCertificates.SelfSigned("localhost"));

        await Connect(server, options, caFile: null);
        await Connect(server, options, _certificates.CaFile);

        Assert.Null(server.ReceivedSoFar);
    }

    [Fact]
    public async Task A_server_with_a_certificate_for_another_name_is_rejected()
    {
        await using var server = new TlsListener(_certificates.Issue("other.example"));

        await Connect(server, "", _certificates.CaFile);

        Assert.Null(server.ReceivedSoFar);
    }

    [Fact]
    public async Task A_server_without_TLS_receives_no_plain_text()
    {
        await using var server = new TlsListener(certificate: null);

        await Connect(server, "", _certificates.CaFile);

        Assert.StartsWith("\u0016\u0003", await server.Received, StringComparison.Ordinal); // a TLS hello
    }

#pragma warning disable SYSLIB0039, CA5397 // an outdated version, on purpose
    [Theory]
    [InlineData(SslProtocols.Tls)]
    [InlineData(SslProtocols.Tls11)]
    public async Task TLS_versions_below_1_2_are_rejected(SslProtocols version)
    {
        await using var server = new TlsListener(_certificates.Issue("localhost"), version);

        await Connect(server, "", _certificates.CaFile);

        Assert.Null(server.ReceivedSoFar);
    }
#pragma warning restore SYSLIB0039, CA5397

    [Theory]
    [InlineData("tlsInsecure=true")]
    [InlineData("sslVerifyCertificate=false")]
    public void Verification_can_be_turned_off_in_development_only(string option)
    {
        var connection = $"mongodb://u:s3cr+t@localhost/runs?tls=true&{option}";

        var exception = Assert.Throws<InvalidSettingException>(
            () => ServerComposition.From(Configuration(connection, null), isDevelopment: false));

        Assert.Contains("only Development accepts", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr+t", exception.Message, StringComparison.Ordinal);
        var logger = new WarningCapture();
        ServerComposition.From(Configuration(connection, null), isDevelopment: true).MongoDb!.LogWarnings(logger, isProduction: true);
        Assert.Contains("turns off the verification", Assert.Single(logger.Texts), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_options_without_effect_cause_a_warning()
    {
        var logger = new WarningCapture();
        var configuration = Configuration(
            "mongodb://u:s3cr+t@host/runs?tls=true&tlsCertificateKeyFile=s3cr+t", _certificates.CaFile);

        ServerComposition.From(configuration, isDevelopment: false).MongoDb!.LogWarnings(logger, isProduction: true);

        Assert.EndsWith("they have no effect: tlsCertificateKeyFile", Assert.Single(logger.Texts), StringComparison.Ordinal);
    }

    [Fact]
    public void A_CA_file_without_TLS_or_that_is_missing_is_an_invalid_setting()
    {
        AssertError(CaFileSetting, "mongodb://host/runs", _certificates.CaFile);
        AssertError(CaFileSetting, "mongodb://host/runs?tls=true", "/nowhere/ca.pem");
        AssertError("ConnectionStrings:MongoDb: tlsCAFile", "mongodb://host/runs?tls=true&tlsCAFile=/nowhere/ca.pem", caFile: null);

        static void AssertError(string start, string connection, string? caFile)
        {
            var exception = Assert.Throws<InvalidSettingException>(
                () => ServerComposition.From(Configuration(connection, caFile), isDevelopment: true));
            Assert.StartsWith(start, exception.Message, StringComparison.Ordinal);
        }
    }

    private static IConfiguration Configuration(string connection, string? caFile) => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:MongoDb"] = connection, [CaFileSetting] = caFile })
        .Build();

    /// <summary>Sends a command to the listener, which never responds, and returns the failure.</summary>
    private static async Task<(Exception Failure, string? Advice)> Connect(
        TlsListener server, string options, string? caFile, int timeoutMs = 500)
    {
        var text = $"mongodb://localhost:{server.Port}/runs?tls=true&serverSelectionTimeoutMS={timeoutMs}{options}";
        var services = new ServiceCollection();
        ServerComposition.From(Configuration(text, caFile), isDevelopment: false).MongoDb!.AddStore(services);
        await using var provider = services.BuildServiceProvider();
        var database = provider.GetRequiredService<IMongoDatabase>();

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => database.RunCommandAsync<BsonDocument>("{ ping: 1 }"));

        return (failure, MongoConnectionAdvice.ForFailure(failure, database));
    }

    private sealed class WarningCapture : ILogger
    {
        public List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Assert.Equal(LogLevel.Warning, logLevel);
            Texts.Add(formatter(state, exception));
        }
    }
}
