using MassTransit;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Handles <see cref="RenewLease"/>, without the state machine: see <see cref="LeaseRenewer"/>.</summary>
internal sealed class RenewLeaseConsumer(IRunStore store, LeaseRenewer renewer, IOptions<ExecutionOptions> options) : IConsumer<RenewLease>
{
    public async Task Consume(ConsumeContext<RenewLease> context)
    {
        var command = context.Message;
        CommandValidation.Validate(command);
        var id = RunIds.ForRun(command.Tenant, command.RunId);
        var runs = await store.ReadLeases([id], context.CancellationToken);
        var duration = TimeSpan.FromSeconds(command.LeaseSeconds ?? options.Value.LeaseSeconds);
        var ends = await renewer.Renew(
            runs, run => run.LeaseOwner == command.WorkerId && run.Attempt == command.Attempt, duration, context.CancellationToken);
        if (context.ResponseAddress is not null)
        {
            await context.RespondAsync(new LeaseRenewed
            {
                Tenant = command.Tenant,
                RunId = command.RunId,
                Attempt = command.Attempt,
                LeaseExpiresAt = ends.TryGetValue(id, out var end) ? end : null,
            });
        }
    }
}
