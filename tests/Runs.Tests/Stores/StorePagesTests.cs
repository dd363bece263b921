using Runs.Store;

namespace Runs.Tests.Stores;

public sealed class StorePagesTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "1")]
    [InlineData(2, "2 0")]
    [InlineData(5, "2 2 1")]
    public async Task Pages_are_read_until_one_is_not_full(int count, string sizes)
    {
        var items = Enumerable.Range(0, count).Select(number => $"{number}").ToList();

        var pages = await StorePages.Read<string>(
            2, after => Task.FromResult<IReadOnlyList<string>>([.. items.Skip(items.IndexOf(after!) + 1).Take(2)])).ToListAsync();

        Assert.Equal(items, pages.SelectMany(page => page));
        Assert.Equal(sizes, string.Join(' ', pages.Select(page => page.Count)));
    }
}
