using System.Reflection;
using Runs.Api;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests;

/// <summary>Who may know whom.</summary>
public sealed class DependencyTests
{
    private static readonly Assembly Contracts = typeof(CreateRun).Assembly;
    private static readonly Assembly Store = typeof(IRunStore).Assembly;
    private static readonly Assembly Lifecycle = typeof(LifecycleRegistration).Assembly;
    private static readonly Assembly Api = typeof(RunEndpoints).Assembly;

    [Fact]
    public void The_contracts_need_nothing_but_the_framework() => Assert.All(NamesFrom(Contracts), name => Assert.StartsWith("System", name, StringComparison.Ordinal));

    [Fact]
    public void The_store_knows_no_bus() => Assert.DoesNotContain(NamesFrom(Store), name => name.StartsWith("MassTransit", StringComparison.Ordinal));

    [Fact]
    public void The_api_and_the_saga_meet_in_messages_only()
    {
        Assert.DoesNotContain("Runs.Lifecycle", NamesFrom(Api));
        Assert.DoesNotContain("Runs.Api", NamesFrom(Lifecycle));
    }

    [Fact]
    public void Neither_knows_a_driver_or_a_broker() => Assert.DoesNotContain(
        NamesFrom(Api).Concat(NamesFrom(Lifecycle)),
        name => name.StartsWith("MongoDB", StringComparison.Ordinal) || name.Contains("Sqlite", StringComparison.Ordinal) || name.Contains("RabbitMq", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> NamesFrom(Assembly assembly) => assembly.GetReferencedAssemblies().Select(reference => reference.Name!);
}
