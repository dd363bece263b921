using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace Runs.Tests.Security;

/// <summary>The key that the embedded default creates and keeps.</summary>
public sealed class SigningKeyFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("runs-tests-");

    private readonly FakeLogger<EventWriterKeys> _log = new();

    private string KeyPath => Path.Combine(_directory.FullName, "signing-key.pem");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_key_is_created_once_with_access_for_its_owner_only()
    {
        var created = new SigningKeyFile(KeyPath).ReadOrCreate();

        Assert.Equal(created, new SigningKeyFile(KeyPath).ReadOrCreate());
        Assert.True(RsaPem.HasPrivateKey(created, maxBits: 2048));
        Assert.Equal([KeyPath], Directory.GetFiles(_directory.FullName));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        }
    }

    [Fact]
    public async Task Processes_that_start_together_use_the_same_key()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(new SigningKeyFile(KeyPath).ReadOrCreate)));

        Assert.Single(keys.Distinct());
        Assert.Equal([KeyPath], Directory.GetFiles(_directory.FullName));
    }

    [Fact]
    public void A_file_without_a_usable_key_is_an_error_that_names_the_file()
    {
        File.WriteAllText(KeyPath, TestTokens.PublicKey);

        var error = Assert.Throws<InvalidDataException>(() => new SigningKeyFile(KeyPath).ReadOrCreate());

        Assert.StartsWith(KeyPath, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_logged_once_and_no_token_is_issued()
    {
        var keys = new EventWriterKeys(
            Options.Create(new AuthOptions()), _log, new SigningKeyFile(Path.Combine(_directory.FullName, "missing", "key.pem")));

        Assert.Null(keys.Signing);
        Assert.Empty(keys.Verification);
        Assert.IsType<DirectoryNotFoundException>(Assert.Single(_log.Collector.GetSnapshot()).Exception);
    }

    [Fact]
    public void A_configured_key_takes_precedence_and_no_file_is_created()
    {
        var options = Options.Create(new AuthOptions { SigningKey = TestTokens.SigningKey });

        var withFile = new EventWriterKeys(options, _log, new SigningKeyFile(KeyPath));

        Assert.Equal(new EventWriterKeys(options, _log).Signing!.Key.KeyId, withFile.Signing!.Key.KeyId);
        Assert.False(File.Exists(KeyPath));
    }
}
