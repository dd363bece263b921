using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Runs.EndToEnd.Tests.ContainersFirst", "Runs.EndToEnd.Tests")]

namespace Runs.EndToEnd.Tests;

/// <summary>The two collections on containers take longest: they start first, and all others follow.</summary>
public sealed class ContainersFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.DisplayName is nameof(FaultyContainers) or nameof(SteadyContainers) ? 0 : 1);
}
