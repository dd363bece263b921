using Runs.Store;

namespace Runs.Tests.Stores;

public sealed class PageBuilderTests
{
    [Fact]
    public void A_page_has_at_most_its_number_of_items()
    {
        var page = new PageBuilder<string>(maxItems: 2);

        Assert.True(page.TryAdd("a", 1));
        Assert.False(page.IsFull);
        Assert.True(page.TryAdd("b", 1));
        Assert.True(page.IsFull);
        Assert.False(page.TryAdd("c", 1));

        Assert.Equal(["a", "b"], page.Items);
        Assert.Equal(3, page.CharacterCount);
    }

    [Fact]
    public void An_item_that_exceeds_the_size_limit_is_not_added()
    {
        var page = new PageBuilder<string>(maxCharacters: 10);

        Assert.True(page.TryAdd("a", 10));
        Assert.True(page.IsFull);
        Assert.False(page.TryAdd("b", 1));

        Assert.Equal(["a"], page.Items);
    }

    [Fact]
    public void The_first_item_is_added_regardless_of_its_size()
    {
        var page = new PageBuilder<string>(maxCharacters: 10);

        Assert.True(page.TryAdd("a", 1_000));

        Assert.Equal(["a"], page.Items);
    }

    [Fact]
    public void Items_of_one_read_are_added_beyond_the_limit()
    {
        var page = new PageBuilder<string>(maxCharacters: 10);

        page.Add("a", 9);
        Assert.False(page.IsFull);
        page.Add("b", 9);
        page.Add("c", 9);

        Assert.True(page.IsFull);
        Assert.Equal(["a", "b", "c"], page.Items);
    }
}
