using Runs.Api;
using Runs.Server;

namespace Runs.Tests;

public sealed class KeysCommandTests
{
    [Fact]
    public void A_made_key_opens_with_its_record_and_with_no_other()
    {
        var key = ApiKey.Create();

        Assert.True(ApiKey.TryParse(key, out var prefix, out var secret));
        Assert.DoesNotContain('_', prefix);
        Assert.True(ApiKey.Matches(secret, ApiKey.HashOf(secret)));
        Assert.False(ApiKey.Matches(secret + "x", ApiKey.HashOf(secret)));
        Assert.NotEqual(key, ApiKey.Create());
    }

    [Theory]
    [InlineData("--tenant", "acme", 0)]
    [InlineData("--tenant", "", 2)]
    [InlineData("--user", "no-uuid", 2)]
    [InlineData("--unknown", "x", 2)]
    public void The_command_says_what_it_takes(string option, string value, int exitCode) =>
        Assert.Equal(exitCode, KeysCommand.Create([option, value]));
}
