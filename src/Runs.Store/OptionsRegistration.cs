using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Runs.Store;

/// <summary>How every section of the settings is read.</summary>
public static class OptionsRegistration
{
    /// <summary>
    /// Binds <typeparamref name="TOptions"/> to a section and validates them when the host starts. A name that the options do not have is an error: it is most likely misspelled.
    /// </summary>
    public static OptionsBuilder<TOptions> AddValidatedOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class => services
        .AddOptions<TOptions>()
        .BindConfiguration(section, binder => binder.ErrorOnUnknownConfiguration = true)
        .ValidateDataAnnotations()
        .ValidateOnStart();
}
