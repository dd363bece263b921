using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Runs.Worker;

/// <summary>Validates the handlers of a worker, and its settings beside those of the host.</summary>
internal sealed class RunsWorkerValidator(WorkerDefinition definition, IOptions<HostOptions> host) : IValidateOptions<RunsWorkerOptions>
{
    public ValidateOptionsResult Validate(string? name, RunsWorkerOptions options)
    {
        if (name != definition.Name)
        {
            return ValidateOptionsResult.Skip;
        }

        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        List<string> errors = [.. definition.Handlers.Errors, .. results.Select(result => $"RunsWorker: {result.ErrorMessage}")];
        if (definition.Handlers.IsEmpty && definition.Handlers.Errors.Count == 0)
        {
            errors.Add("The worker has no handler.");
        }

        var shutdown = options.ShutdownGrace + WorkerService.ReleaseDelay;
        if (shutdown > host.Value.ShutdownTimeout)
        {
            errors.Add(
                $"RunsWorker:ShutdownGrace and {WorkerService.ReleaseDelay.TotalSeconds:0} s exceed the host's ShutdownTimeout, "
                + $"{host.Value.ShutdownTimeout.TotalSeconds:0} s: "
                + $"set HostOptions.ShutdownTimeout to {shutdown.TotalSeconds:0} s or more.");
        }

        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }
}
