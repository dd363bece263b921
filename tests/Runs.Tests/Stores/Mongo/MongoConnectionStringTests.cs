using MongoDB.Driver;
using Runs.Store;
using Runs.Store.Mongo;

namespace Runs.Tests.Stores;

public sealed class MongoConnectionStringTests
{
    private const string Password = "s3cr+t";

    [Theory]
    [InlineData("host:27017", "must begin with mongodb:// or mongodb+srv://")]
    [InlineData("http://u:s3cr+t@host/", "must begin with mongodb:// or mongodb+srv://")]
    [InlineData("mongodb://u:s3cr+t@x@host/runs", "percent-encoded")]
    [InlineData("mongodb://u:s3cr+t/x@host/runs", "percent-encoded")]
    [InlineData("mongodb://u:12/s3cr+t@host", "percent-encoded")]
    [InlineData("mongodb://u:s3cr+t:x@host/runs", "percent-encoded")]
    [InlineData("mongodb://u:s3cr+t%zz@host/runs", "percent-encoded")]
    [InlineData("mongodb://u:s3cr+t%@host/runs?maxPoolSize=many", "percent-encoded")]
    [InlineData("mongodb://u:s3cr+t@host:port/runs", "is not of the form")]
    [InlineData("mongodb://u:s3cr+t@host:99999/runs", "is not of the form")]
    [InlineData("mongodb://u:s3cr+t@/runs", "is not of the form")]
    [InlineData("mongodb://u:s3cr+t@host?x", "is not of the form")]
    [InlineData("mongodb://u:s3cr+t@host/runs?appName=a&maxPoolSize=s3cr+t&w=1", "the option maxPoolSize ")]
    [InlineData("mongodb://u:s3cr+t@host/runs?tls=true&ssl=false", "the option ssl ")]
    [InlineData("mongodb://u:s3cr+t@a,b/runs?directConnection=true", "the option directConnection ")]
    [InlineData("mongodb://u@host/runs", "is not of the form mongodb://user:password@")]
    public void An_invalid_connection_string_is_rejected_with_cause_and_setting_but_without_the_password(string text, string cause)
    {
        var exception = Assert.Throws<InvalidOperationException>(() => MongoConnectionString.Parse(text));

        Assert.Contains(cause, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("ConnectionStrings:MongoDb ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mongodb://host/runs", true)]
    [InlineData("mongodb://localhost,10.1.2.3/runs", true)]
    [InlineData("mongodb://localhost,127.0.0.1:27018/runs", false)]
    [InlineData("mongodb://[::1]/runs", false)]
    [InlineData("mongodb://host/runs?tls=true", false)]
    [InlineData("mongodb+srv://cluster.test/runs", false)]
    public void Unencrypted_connections_beyond_loopback_are_detected(string text, bool isPlain) =>
        Assert.Equal(isPlain, MongoConnectionString.Parse(text).IsUnencryptedOverNetwork);

    [Theory]
    [InlineData("p%40ss%2Fw%25rd%3A", "p@ss/w%rd:")]
    [InlineData(
        "serverSelectionTimeout-socketTimeout-connectTimeout-appName",
        "serverSelectionTimeout-socketTimeout-connectTimeout-appName")]
    public void A_password_may_contain_any_characters(string written, string password)
    {
        var settings = MongoConnectionString.Parse($"mongodb://u:{written}@host/runs?authSource=admin").ToSettings();

        Assert.Equal(new PasswordEvidence(password), settings.Credential.Evidence);
        Assert.Equal("admin", settings.Credential.Source);
        var maxTimeout = StoreMonitor.Timeout - TimeSpan.FromMilliseconds(300); // so that the driver's cause is logged
        Assert.InRange(settings.ServerSelectionTimeout, TimeSpan.FromSeconds(4), maxTimeout);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.SocketTimeout);
        Assert.Equal("runs", settings.ApplicationName);
    }

    [Fact]
    public void Options_of_the_connection_string_override_the_defaults()
    {
        const string Text = "mongodb://host/runs?serverselectiontimeoutms=7000&connectTimeout=8s&socketTimeoutMS=9000"
            + "&appname=mine&maxPoolSize=20";

        var settings = MongoConnectionString.Parse(Text).ToSettings();

        Assert.Equal(TimeSpan.FromSeconds(7), settings.ServerSelectionTimeout);
        Assert.Equal(TimeSpan.FromSeconds(8), settings.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(9), settings.SocketTimeout);
        Assert.Equal(("mine", 20), (settings.ApplicationName, settings.MaxConnectionPoolSize));
    }

    [Theory]
    [InlineData("mongodb://host", "runs")]
    [InlineData("mongodb://host/?tls=true", "runs")]
    [InlineData("mongodb://a,b,c/other?replicaSet=rs0", "other")]
    [InlineData("mongodb+srv://u:p@cluster.example.test/other", "other")]
    public void The_database_is_the_one_of_the_string_or_runs(string text, string database) =>
        Assert.Equal(database, MongoConnectionString.Parse(text).DatabaseName);

    [Theory]
    [InlineData("mongodb://host/runs", false, true)]
    [InlineData("mongodb://host/runs?ssl=true", true, true)]
    [InlineData("mongodb+srv://host.example.test/runs", true, true)]
    [InlineData("mongodb+srv://host.example.test/runs?tls=false", false, true)]
    [InlineData("mongodb://host/runs?tls=true&tlsInsecure=true", true, false)]
    [InlineData("mongodb://host/runs?tls=true&sslVerifyCertificate=false", true, false)]
    public void TLS_use_and_server_verification_are_reported(string text, bool usesTls, bool verifiesServer)
    {
        var connection = MongoConnectionString.Parse(text);

        Assert.Equal((usesTls, verifiesServer), (connection.UsesTls, connection.VerifiesServerCertificate));
    }

    [Fact]
    public void Unknown_options_are_detected()
    {
        var connection = MongoConnectionString.Parse(
            "mongodb://host/runs?tls=true&tlscafile=%2Fetc%2Fca.pem&tlsAllowInvalidCertificates=true&maxPoolSize=5&poolSize=9");

        Assert.Equal("/etc/ca.pem", connection.CaFile);
        Assert.Equal(["tlsAllowInvalidCertificates", "poolSize"], connection.UnknownOptions);
    }
}
