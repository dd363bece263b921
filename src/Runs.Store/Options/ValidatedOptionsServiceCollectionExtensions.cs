using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Runs.Store;

/// <summary>Registers options that are bound to a section of the settings and validated.</summary>
public static class ValidatedOptionsServiceCollectionExtensions
{
    /// <summary>
    /// Binds <typeparamref name="TOptions"/> to a section and validates them when the host starts. An unknown name in
    /// the section is an error, because it is most likely misspelled.
    /// </summary>
    public static OptionsBuilder<TOptions> AddValidatedOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class
    {
        services.AddSingleton<IValidateOptions<TOptions>>(new AnnotationsValidator<TOptions>(section));
        return services
            .AddOptions<TOptions>()
            .BindConfiguration(section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
    }
}
