using System.Text.Json;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Benchmarks.Targets.MassTransitDefaults;

/// <summary>The answer.</summary>
public sealed record RunSubmitted(string RunId, string Kind, string Status, string OwnerKind, string OwnerId, string Request, DateTime CreatedAt, bool Duplicate)
{
    internal static RunSubmitted FromSaga(MassTransitRunSaga run, bool duplicate) =>
        new(run.RunId, run.Kind, run.CurrentState, run.OwnerKind, run.OwnerId, run.Request, run.CreatedAt, duplicate);
}
