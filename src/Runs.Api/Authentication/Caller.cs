using System.Diagnostics;
using System.Security.Claims;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>
/// The caller of a request: its tenant, and its user when the credential names one by UUID. Runs show that user.
/// </summary>
internal sealed record Caller(string Tenant, string? UserId)
{
    public const string TenantClaim = "tenant";
    public const string UserClaim = "userId";
    public const string KeyPrefixClaim = "keyPrefix";
    public const string ActorTypeClaim = "actorType";
    public const string ProjectsClaim = "projects";
    public const string ScopeClaim = "scope";

    /// <summary>
    /// <see cref="ResponderTypes"/>: the responder type recorded when the caller answers an input request.
    /// </summary>
    public required string ActorType { get; init; }

    /// <summary>The projects whose runs the caller may read and create. Null for all of the tenant.</summary>
    public IReadOnlyCollection<string>? Projects { get; init; }

    /// <summary>The worker that calls with its token; null for every other credential.</summary>
    public CallingWorker? Worker { get; init; }

    /// <summary>The event writer that calls with its token; null for every other credential.</summary>
    public EventWriter? EventWriter { get; init; }

    /// <summary>
    /// The attempts of the request's run that belong to the calling worker, oldest first; see
    /// <see cref="WorkerRunAccess"/>. Null for every other credential.
    /// </summary>
    public IReadOnlyList<int>? OwnAttempts { get; init; }

    /// <summary>
    /// Whether the calling worker holds the request's run after a claim with <c>fenced</c>: a command that names no
    /// attempt is then rejected with <c>ATTEMPT_REQUIRED</c>, before it is sent.
    /// </summary>
    public bool MustNameAttempt { get; init; }

    /// <summary>The caller as commands carry it.</summary>
    public required Actor Actor { get; init; }

    /// <summary>The request's trace id.</summary>
    public required string TraceId { get; init; }

    /// <summary>
    /// Whether the caller may read the run. A run owned by a conversation belongs to no project, so a caller that is
    /// restricted to projects cannot read it.
    /// </summary>
    public bool CanRead(Run run) => Projects is null || (run.ProjectId is { } project && Projects.Contains(project));

    /// <summary>Whether the caller may read and change what belongs to this project.</summary>
    public bool CanUseProject(string project) => Projects is null || Projects.Contains(project);

    /// <summary>Whether the caller may create a run of this owner.</summary>
    public bool CanCreateRunFor(Owner owner) => Projects is null || (owner.Kind == OwnerKinds.Project && Projects.Contains(owner.Id));

    /// <summary>The attempt that a command of the caller names. A worker acts for its own attempts only.</summary>
    /// <param name="named">The attempt that the body names.</param>
    public int? GetAttempt(int? named)
    {
        if (EventWriter is { } writer)
        {
            return named ?? writer.Attempt;
        }

        if (OwnAttempts is not [.., var last])
        {
            return named;
        }

        if (named is not { } attempt)
        {
            return MustNameAttempt ? null : last;
        }

        // For an attempt of another worker, one that is over, so that the saga rejects the command.
        return OwnAttempts.Contains(attempt) ? attempt : Math.Min(attempt, last);
    }

    /// <summary>
    /// Whether the credential names a tenant that runs can belong to. Claim names are case-sensitive.
    /// </summary>
    public static bool HasTenant(ClaimsPrincipal user) =>
        user.FindFirstValue(TenantClaim) is { } tenant && FieldRules.CheckSingleLine(tenant, FieldLimits.MaxIdLength) is null;

    /// <summary>
    /// Binds an endpoint's <see cref="Caller"/> parameter; authorization has verified that the claims are present.
    /// </summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(From(context));

    /// <summary>The actor of the request's credential.</summary>
    public static Actor GetActor(HttpContext http) => new()
    {
        Type = CallingWorker.IsWorker(http.User) || EventWriter.IsEventWriter(http.User) ? ActorTypes.Worker
            : http.User.HasClaim(claim => claim.Type == UserClaim) ? ActorTypes.User
            : ActorTypes.ApiKey,
        Id = CallingWorker.From(http.User)?.LeaseOwner ?? EventWriter.From(http.User)?.WorkerId
            ?? GetUserId(http.User) ?? GetUserName(http.User),
        KeyPrefix = http.User.FindFirstValue(KeyPrefixClaim),
        Address = GetRemoteAddress(http),
    };

    /// <summary>The remote address of a request. Behind a configured proxy, the client's own address.</summary>
    public static string? GetRemoteAddress(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null;

    /// <summary>The trace id of a request.</summary>
    public static string GetTraceId(HttpContext http) => Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;

    private static Caller From(HttpContext http) => new(
        http.User.FindFirstValue(TenantClaim) ?? throw new InvalidOperationException("The credential has no tenant."), GetUserId(http.User))
    {
        ActorType = http.User.FindFirstValue(ActorTypeClaim) ?? ResponderTypes.System,
        Projects = http.User.FindFirstValue(ProjectsClaim) is { } projects ? Scopes.SplitSpaceDelimited(projects) : null,
        Worker = CallingWorker.From(http.User),
        EventWriter = EventWriter.From(http.User),
        Actor = GetActor(http),
        TraceId = GetTraceId(http),
    };

    private static string? GetUserId(ClaimsPrincipal user) =>
        user.FindFirstValue(UserClaim) is { } id && FieldRules.IsUuid(id) ? id.ToLowerInvariant() : null;

    private static string? GetUserName(ClaimsPrincipal user) =>
        user.FindFirstValue(UserClaim) is { } name && FieldRules.CheckSingleLine(name, FieldLimits.MaxNameLength) is null ? name : null;
}
