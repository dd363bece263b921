using System.Text.Encodings.Web;
using System.Text.Json;

namespace Runs.Api;

/// <summary>Adds the api role to a host that has a store and a bus.</summary>
public static class ApiRegistration
{
    /// <summary>Adds authentication, problems, OpenAPI and the way to the saga.</summary>
    public static IServiceCollection AddRunsApi(this IServiceCollection services, bool isDevelopment)
    {
        services.AddOptions<ApiOptions>().BindConfiguration(ApiOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<RunCommands>();
        services.AddRunsAuthentication(isDevelopment);
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Problems.Complete);
        services.AddExceptionHandler<Trouble>();
        services.AddRunsOpenApi();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // JSON only, never inside a page
        });
        return services;
    }

    /// <summary>Puts errors and authentication in front of the routes.</summary>
    public static void UseRunsApi(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapRunsOpenApi();
    }
}
