using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>Authenticates workers by their token, in <c>Authorization: Bearer</c>.</summary>
internal sealed class WorkerTokenAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    WorkerCache workers,
    WorkerActivity activity) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "WorkerToken";

    /// <summary>The credential of a request that begins like a worker's token. Null when there is none.</summary>
    public static string? GetToken(HttpRequest request) =>
        request.Headers.Authorization.Count > 0
        && ApiKeyAuthenticationHandler.GetCredential(request) is { } credential
        && WorkerTokenFormat.HasPrefix(credential)
            ? credential
            : null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (GetToken(Request) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        if (!WorkerTokenFormat.TryParse(token, out var id, out var secret))
        {
            return AuthenticateResult.Fail("Malformed worker token.");
        }

        try
        {
            if (await workers.FindByToken(id, WorkerTokenFormat.ComputeHash(secret)) is not { } found)
            {
                return AuthenticateResult.Fail("Unknown worker token.");
            }

            activity.RecordTokenUse(found.Worker.Id, found.Token);
            var principal = ToCredential(found.Worker, found.Token).ToPrincipal(SchemeName);
            return AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName));
        }
        catch (StoreUnavailableException exception)
        {
            Context.Features.Set(new CredentialNotCheckedFeature());
            return AuthenticateResult.Fail(exception);
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return base.HandleChallengeAsync(properties);
    }

    private static Credential ToCredential(Worker worker, WorkerToken token) => new()
    {
        Tenant = worker.Tenant,
        Worker = new CallingWorker(worker.Id, worker.ProjectId, worker.ImplementationKind, worker.WorkerKey, token.Sha256),
        ActorType = ResponderTypes.Agent,
    };
}
