using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Runs.Api;

namespace Runs.Tests.Http;

/// <summary>Requests that do the work of several and so take several tokens of the rate.</summary>
public sealed class RequestRatesTests
{
    [Fact]
    public async Task A_request_that_does_the_work_of_several_waits_for_its_tokens()
    {
        using var rates = new RequestRateLimiter(Options.Create(new ApiOptions { ReadsPerSecond = 10 }));

        for (var i = 0; i < 13; i++)
        {
            Assert.True(await rates.TryAcquireAdditional(Read("t"), default));
        }
    }

    [Fact]
    public async Task It_waits_no_longer_than_the_maximum_wait()
    {
        using var rates = new RequestRateLimiter(Options.Create(new ApiOptions { ReadsPerSecond = 1 })) { MaxWait = TimeSpan.Zero };

        var acquired = new List<bool>();
        for (var i = 0; i < 100; i++)
        {
            acquired.Add(await rates.TryAcquireAdditional(Read("t"), default));
        }

        Assert.True(acquired[0]);
        Assert.Contains(false, acquired); // on a slow machine a second passes between two of them
        Assert.True(await rates.TryAcquireAdditional(Read("another"), default));
    }

    [Fact]
    public async Task Without_a_rate_it_does_not_wait()
    {
        using var rates = new RequestRateLimiter(Options.Create(new ApiOptions { ReadsPerSecond = 0 })) { MaxWait = TimeSpan.Zero };

        for (var i = 0; i < 100; i++)
        {
            Assert.True(await rates.TryAcquireAdditional(Read("t"), default));
        }
    }

    /// <summary>A read request of a tenant, as the limiter receives it.</summary>
    internal static HttpContext Read(string tenant)
    {
        var http = new DefaultHttpContext { User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(Caller.TenantClaim, tenant)])) };
        http.Request.Method = HttpMethods.Get;
        http.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(new AuthorizeAttribute()), null));
        return http;
    }
}
