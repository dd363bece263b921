using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Runs.EndToEnd.Tests.ContainersFirst", "Runs.EndToEnd.Tests")]

namespace Runs.EndToEnd.Tests;

/// <summary>The tests on containers run one after another and take longest: they start first, and all others run beside them.</summary>
public sealed class ContainersFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.DisplayName == nameof(ContainerFixture) ? 0 : 1);
}
