using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using Runs.Api;
using Runs.Api.Events;
using Runs.Api.InputRequests;
using Runs.Api.RateLimiting;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Server.Acceptance;
using Runs.Store;
using Runs.Tests.Contracts;

namespace Runs.Tests.Fuzz;

/// <summary>Everything that reads what strangers send, with anything at all to read: it reads it or refuses it, and throws nothing but what it says.</summary>
public sealed class FuzzedReading
{
    private static readonly Dictionary<string, Type> Commands = new()
    {
        ["runs.create-run"] = typeof(CreateRun),
        ["runs.start-run"] = typeof(StartRun),
        ["runs.wait-run"] = typeof(WaitRun),
        ["runs.resume-run"] = typeof(ResumeRun),
        ["runs.complete-run"] = typeof(CompleteRun),
        ["runs.cancel-run"] = typeof(CancelRun),
    };

    [Fact]
    public Task Bodies_are_read_or_refused_and_what_is_read_the_lifecycle_takes() => Fuzzing.Run(2000, async (random, input) =>
    {
        var mutation = new Mutation(random);
        var sent = mutation.Json(Encoding.UTF8.GetBytes(mutation.OneOf([.. ValidBodies.Creates("run_1"), ValidBodies.Append])));
        input.Append(Fuzzing.Show(sent));

        var (body, problem) = await JsonBody.Read(Request(sent), CancellationToken.None);

        Assert.True(body is null != problem is null);
        if (body is null)
        {
            return;
        }

        using var read = body;
        var (command, _, errors) = CreateRunBody.Read(body.RootElement, "acme", "run_anonymous");
        Assert.Equal(command is null, errors.Count > 0);
        Assert.All(errors, AssertIsTold);
        if (command is not null)
        {
            MessageRules.Check(JsonSerializer.Deserialize<CreateRun>(JsonSerializer.Serialize(command))!);
        }

        var wrong = new List<InvalidMember>();
        var append = AppendBody.Read(body.RootElement, wrong);
        Assert.Equal(append is null, wrong.Count > 0);
        Assert.All(wrong, AssertIsTold);
        AssertSnapshotIsJson(append?.Events ?? []);
    });

    [Fact]
    public Task Canonical_forms_are_canonical_and_equal_when_nothing_differs() => Fuzzing.Run(2000, (random, input) =>
    {
        var mutation = new Mutation(random);
        var (one, other) = (Value(), Value());
        input.Append(Fuzzing.Show(one)).Append(' ').Append(Fuzzing.Show(other));
        if (Parse(one) is not { } stored || Parse(other) is not { } sent)
        {
            return;
        }

        var (form, otherForm) = (Form(stored), Form(sent));

        Assert.Equal(form, Form(JsonElement.Parse(form, Depth)));
        Assert.Empty(CanonicalJson.Differences(stored, JsonElement.Parse(form, Depth)));
        Assert.Null(JsonFields.FindIllFormedText(JsonElement.Parse(form, Depth)));
        Assert.Equal(form == otherForm, CanonicalJson.Differences(stored, sent).Count == 0);
        Assert.Equal(form == otherForm, CanonicalJson.Fingerprint(stored) == CanonicalJson.Fingerprint(sent));

        byte[] Value() => mutation.Json(Encoding.UTF8.GetBytes(mutation.OneOf([ValidBodies.Complete, ValidBodies.Append, "1", "\"x\"", mutation.Value()])));
    });

    [Fact]
    public Task Numbers_mean_what_their_digits_say() => Fuzzing.Run(5000, (random, input) =>
    {
        var literal = Literal(random);
        input.Append(literal);

        var form = Form(JsonElement.Parse(literal));

        Assert.Equal(form, Form(JsonElement.Parse(form)));
        var (was, written) = (double.Parse(literal, CultureInfo.InvariantCulture), double.Parse(form, CultureInfo.InvariantCulture));
        Assert.True(was.Equals(written) || (was == 0 && written == 0), $"{form} is another number.");
        var whole = WholeNumber(literal);
        Assert.Equal(whole is not null, JsonNumber.TryInteger(Encoding.ASCII.GetBytes(literal), out var number));
        Assert.Equal(whole ?? 0, number);
    });

    [Fact]
    public Task Cursors_are_taken_or_not_and_come_back_as_they_were() => Fuzzing.Run(5000, (random, input) =>
    {
        var mutation = new Mutation(random);
        var id = new byte[16];
        random.NextBytes(id);
        var place = new RunCursor(DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())), new Guid(id));
        var text = mutation.Text(mutation.Chance(2) ? PageParameters.Encode(place) : new InputRequestCursor(place, random.Next()).Encode());
        input.Append(Fuzzing.Show(Encoding.Latin1.GetBytes(text)));

        Assert.Equal(place, PageParameters.Decode(PageParameters.Encode(place)));
        if (PageParameters.Decode(text) is { } cursor)
        {
            Assert.Equal(cursor, PageParameters.Decode(PageParameters.Encode(cursor)));
        }

        if (InputRequestCursor.Decode(text) is { } inputs)
        {
            Assert.Equal(inputs, InputRequestCursor.Decode(inputs.Encode()));
        }
    });

    [Fact]
    public Task Keys_and_preferences_are_read_or_ignored() => Fuzzing.Run(5000, (random, input) =>
    {
        var mutation = new Mutation(random);
        var (key, preference) = (mutation.Text(DevelopmentKey.Text), mutation.Text("handling=strict, wait=30;x=y"));
        input.Append(key).Append('\n').Append(preference);

        Assert.Equal(key == DevelopmentKey.Text, ApiKey.TryParse(key, out var prefix, out var secret) && prefix == "dev" && ApiKey.Matches(secret, ApiKey.HashOf("secret")));
        var request = Request([]);
        request.Headers["Prefer"] = preference;
        Preferences.StrictHandling(request);
        Assert.InRange(Preferences.Wait(request, 60) ?? 0, 0, 60);
    });

    [Fact]
    public Task Messages_of_other_publishers_are_taken_or_refused_for_good() => Fuzzing.Run(2000, (random, input) =>
    {
        var mutation = new Mutation(random);
        var (exchange, type) = mutation.OneOf([.. Commands]);
        var sent = mutation.Json(Encoding.UTF8.GetBytes(Message(type)));
        input.Append(exchange).Append(' ').Append(Fuzzing.Show(sent));
        var reader = new CommandReader(Commands, new ReplyQueues([]), new PublisherRights(new Dictionary<string, Publisher>(), "", ""));

        try
        {
            MessageRules.Check(reader.CommandOf(new Delivery(exchange, new BasicProperties(), sent), null));
        }
        catch (InvalidMessageException refused)
        {
            Assert.NotEmpty(refused.Message);
        }
    });

    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = 256 };

    private static readonly ServiceProvider Services = new ServiceCollection()
        .AddSingleton(TimeProvider.System)
        .AddSingleton<IOptions<ApiOptions>>(Options.Create(new ApiOptions { MaxBodyMemoryMegabytes = 1_000_000 })) // no request ends here
        .AddSingleton<RequestLimits>()
        .AddSingleton<RequestBodyReader>()
        .BuildServiceProvider();

    private static HttpRequest Request(byte[] body) =>
        new DefaultHttpContext { RequestServices = Services, Request = { Body = new MemoryStream(body), ContentType = "application/json" } }.Request;

    private static void AssertIsTold(InvalidMember error)
    {
        Assert.True(error.Pointer.Length == 0 || error.Pointer[0] == '/', error.ToString());
        Assert.NotEmpty(error.Detail);
    }

    private static void AssertSnapshotIsJson(IReadOnlyList<Api.Events.SentEvent> events)
    {
        var log = new CompactedLog();
        for (var i = 0; i < events.Count; i++)
        {
            log.Add(new RunEvent(i + 1, events[i].Type, true, i + 1, DateTimeOffset.UnixEpoch, events[i].Event));
        }

        Assert.All(log.Events(default), logged => logged.Event.Parse());
    }

    // As the API and the lifecycle read it: no member twice, and nothing that is no Unicode.
    private static JsonElement? Parse(byte[] json)
    {
        try
        {
            var value = JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            return JsonFields.FindIllFormedText(value) is null ? value : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Form(JsonElement value)
    {
        var output = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(value, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Literal(Random random)
    {
        var text = new StringBuilder(random.Next(2) == 0 ? "-" : "").Append(random.Next(3) == 0 ? "0" : Digits(random.Next(1, 10)) + Digits(random.Next(10), zeros: true));
        text.Append(random.Next(2) == 0 ? "" : $".{Digits(random.Next(1, 25), zeros: true)}");
        return text.Append(random.Next(2) == 0 ? "" : $"{"eE"[random.Next(2)]}{new[] { "", "+", "-" }[random.Next(3)]}{Digits(random.Next(1, 4), zeros: true)}").ToString();

        string Digits(int count, bool zeros = false) =>
            string.Concat(Enumerable.Range(0, count).Select(_ => zeros && random.Next(2) == 0 ? '0' : (char)('1' + random.Next(9))));
    }

    /// <summary>The whole number that a literal is, where a long holds it, reckoned in another way.</summary>
    private static long? WholeNumber(string literal)
    {
        var parts = literal.Split('e', 'E');
        var exponent = parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        var mantissa = parts[0].Split('.');
        var digits = BigInteger.Parse(string.Concat(mantissa), CultureInfo.InvariantCulture);
        exponent -= mantissa.Length > 1 ? mantissa[1].Length : 0;
        var unit = BigInteger.Pow(10, Math.Abs(exponent));
        var (value, rest) = exponent >= 0 ? (digits * unit, BigInteger.Zero) : (BigInteger.DivRem(digits, unit, out var remainder), remainder);
        return rest.IsZero && value >= long.MinValue && value <= long.MaxValue ? (long)value : null;
    }

    private static string Message(Type type) => type.Name switch
    {
        nameof(CreateRun) => JsonSerializer.Serialize(Some.Create() with { Trigger = new RunTrigger { ToolCallId = "call_9" }, ExpiresAt = DateTimeOffset.UnixEpoch }),
        nameof(StartRun) => """{"tenant":"acme","run_id":"run_1","event":{"type":"RUN_STARTED","runId":"run_1","emittedAt":1}}""",
        nameof(WaitRun) => """
            {"tenant":"acme","run_id":"run_1","reason":"input","tool_call_id":"form_1","tool_name":"form","expires_at":"2126-09-01T02:00:00Z",
             "input_request":{"requested_responder_type":"human","title":"Colour?","description":"Which?","fields":[{"name":"colour"}],"metadata":{"a":1}}}
            """,
        nameof(ResumeRun) => """{"tenant":"acme","run_id":"run_1","reason":"tool","tool_call_id":"call_1","result":{"a":1},"is_error":false,"responder":{"actor_type":"human","actor_id":"u"}}""",
        nameof(CompleteRun) => $$"""{"tenant":"acme","run_id":"run_1",{{ValidBodies.Complete.TrimStart()[1..]}}""",
        _ => """{"tenant":"acme","run_id":"run_1"}""",
    };
}
