using System.Reflection;
using System.Runtime.CompilerServices;
using Runs.Api;
using Runs.ContractGenerator;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests;

/// <summary>Who may know whom.</summary>
public sealed class DependencyTests
{
    private static readonly Assembly Contracts = typeof(CreateRun).Assembly;
    private static readonly Assembly Validation = typeof(CreateRunValidator).Assembly;
    private static readonly Assembly Generator = typeof(ContractFiles).Assembly;
    private static readonly Assembly Store = typeof(IRunStore).Assembly;
    private static readonly Assembly Lifecycle = typeof(LifecycleServiceCollectionExtensions).Assembly;
    private static readonly Assembly Api = typeof(RunEndpoints).Assembly;

    [Fact]
    public void Contracts_reference_only_the_framework() =>
        Assert.All(GetReferences(Contracts), name => Assert.StartsWith("System", name, StringComparison.Ordinal));

    [Fact]
    public void Validation_references_only_the_framework_and_Contracts() => Assert.All(
        GetReferences(Validation),
        name => Assert.True(name == "Runs.Contracts" || name.StartsWith("System", StringComparison.Ordinal), name));

    [Fact]
    public void The_contract_generator_references_only_the_framework_contracts_validation_and_YAML() => Assert.All(
        GetReferences(Generator),
        name => Assert.True(
            name is "Runs.Contracts" or "Runs.Validation" or "YamlDotNet" || name.StartsWith("System", StringComparison.Ordinal),
            name));

    [Fact]
    public void No_project_references_the_contract_generator() => Assert.DoesNotContain(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories),
        file => File.ReadAllText(file).Contains("Runs.ContractGenerator.csproj", StringComparison.Ordinal));

    [Fact]
    public void Contracts_expose_their_internals_to_no_assembly() =>
        Assert.Empty(Contracts.GetCustomAttributes<InternalsVisibleToAttribute>());

    [Fact]
    public void Store_does_not_reference_MassTransit() =>
        Assert.DoesNotContain(GetReferences(Store), name => name.StartsWith("MassTransit", StringComparison.Ordinal));

    [Fact]
    public void Api_and_Lifecycle_do_not_reference_each_other()
    {
        Assert.DoesNotContain("Runs.Lifecycle", GetReferences(Api));
        Assert.DoesNotContain("Runs.Api", GetReferences(Lifecycle));
    }

    [Theory]
    [InlineData("MongoDB")]
    [InlineData("Sqlite")]
    [InlineData("RabbitMq")]
    public void Api_and_Lifecycle_reference_no_database_driver_or_broker(string part) => Assert.DoesNotContain(
        GetReferences(Api).Concat(GetReferences(Lifecycle)),
        name => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> GetReferences(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(reference => reference.Name!);
}
