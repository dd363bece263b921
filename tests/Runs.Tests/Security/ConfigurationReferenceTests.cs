using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Runs.Api;
using Runs.Lifecycle;
using Runs.Server;

namespace Runs.Tests.Security;

/// <summary><c>docs/configuration.md</c> describes every setting, as the options classes define it.</summary>
public sealed class ConfigurationReferenceTests
{
    private static readonly string ApprovedPath = Path.Combine(Repository.Root, "docs/configuration.md");

    private static readonly Assembly[] Assemblies =
    [
        typeof(ServerBuilder).Assembly,
        typeof(ApiOptions).Assembly,
        typeof(LifecycleOptions).Assembly,
        typeof(Runs.Store.IRunStore).Assembly,
    ];

    // An item of AuthOptions.ApiKeys, and a command line.
    private static readonly Type[] NoSections = [typeof(ApiKeyOptions), typeof(KeysOptions)];

    [Fact]
    public async Task The_configuration_reference_is_the_approved_one()
    {
        var reference = ConfigurationReference.Create([typeof(ServerSettings), .. SectionClasses]);
        var received = Path.ChangeExtension(ApprovedPath, ".received.md");
        if (File.Exists(ApprovedPath) && await File.ReadAllTextAsync(ApprovedPath) == reference)
        {
            File.Delete(received);
            return;
        }

        await File.WriteAllTextAsync(received, reference);
        Assert.Fail($"The settings have changed. Compare, and if the change is intended: mv {received} {ApprovedPath}, or make accept");
    }

    [Fact]
    public void Every_options_class_of_the_product_is_in_the_reference()
    {
        var configured = Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && type.GetConstructor([]) is not null)
            .Except(NoSections);

        Assert.Equal(configured.OrderBy(type => type.Name), SectionClasses.OrderBy(type => type.Name));
    }

    [Fact]
    public async Task The_reference_has_every_setting_that_the_server_binds()
    {
        var reference = await File.ReadAllTextAsync(ApprovedPath);
        await using var server = ServerBuilder.Build(["--environment", "Development"]);

        Assert.All(SectionClasses, type =>
        {
            Assert.NotEmpty(server.Services.GetServices(typeof(IConfigureOptions<>).MakeGenericType(type)));
            Assert.All(type.GetProperties().Where(property => property.CanWrite), property =>
                Assert.Contains($"`{ConfigurationReference.GetSection(type)}__{property.Name}", reference, StringComparison.Ordinal));
        });
    }

    private static IReadOnlyList<Type> SectionClasses =>
    [
        .. Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => ConfigurationReference.GetSection(type) is not null)
            .OrderBy(ConfigurationReference.GetSection, StringComparer.Ordinal),
    ];
}
