namespace Runs.Tests.Messaging;

public sealed class PublisherOptionsTests
{
    [Theory]
    [InlineData("*")]
    [InlineData("r*")]
    [InlineData("runs-lifecycle")]
    [InlineData("runs.*")]
    [InlineData(" ")]
    public void A_reply_queue_pattern_that_matches_the_service_queues_is_invalid(string pattern) =>
        Assert.Single(new PublisherOptions { ReplyQueues = ["billing-replies", pattern] }.Validate(null!));

    [Fact]
    public void A_publisher_without_tenants_is_invalid()
    {
        var options = new PublisherOptions { Publishers = { ["billing"] = new Publisher() } };

        Assert.Contains("billing", Assert.Single(options.Validate(null!)).ErrorMessage, StringComparison.Ordinal);
    }
}
