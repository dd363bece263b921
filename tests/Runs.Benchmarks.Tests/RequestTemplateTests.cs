using System.Text;
using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Tests;

public sealed class RequestTemplateTests
{
    [Fact]
    public void Numbers_and_times_are_written_into_the_request()
    {
        var template = RequestTemplate.Post(
            $"/runs/{RequestTemplate.NumberPlaceholder}", "", $$"""{"sent":"{{RequestTemplate.TimestampPlaceholder}}"}""");
        var renderer = template.CreateRenderer();

        var first = Encoding.ASCII.GetString(renderer.Render(0x1f, 0x2a).Span);
        var second = Encoding.ASCII.GetString(renderer.Render(1).Span);

        Assert.StartsWith("POST /runs/00000000001f HTTP/1.1\r\n", first, StringComparison.Ordinal);
        Assert.EndsWith("""{"sent":"000000000000002a"}""", first, StringComparison.Ordinal);
        Assert.StartsWith("POST /runs/000000000001 HTTP/1.1\r\n", second, StringComparison.Ordinal);
    }

    [Fact]
    public void Callers_do_not_overwrite_each_other()
    {
        var template = RequestTemplate.Get($"/runs/{RequestTemplate.NumberPlaceholder}", "");

        var first = template.CreateRenderer().Render(1);
        template.CreateRenderer().Render(2);

        Assert.Contains("/runs/000000000001", Encoding.ASCII.GetString(first.Span), StringComparison.Ordinal);
    }
}
