using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace Runs.Tests.Contracts;

public sealed class JsonDiffTests
{
    private static readonly Gen<JsonNode?> NewLeaves = JsonGenerators.OneOf<JsonNode?>("changed", 4711.5, 1e300, new JsonArray());

    [Fact]
    public void Equal_values_with_different_formatting_have_the_same_fingerprint_and_no_differences() =>
        Gen.Select(JsonGenerators.Values, Gen.Int, Gen.Int).Sample((value, seed, otherSeed) =>
        {
            var one = JsonElement.Parse(JsonGenerators.WriteRandomly(value, new Random(seed)));
            var other = JsonElement.Parse(JsonGenerators.WriteRandomly(value, new Random(otherSeed)));

            Assert.Equal(CanonicalJson.ComputeFingerprint(one), CanonicalJson.ComputeFingerprint(other));
            Assert.Empty(CanonicalJson.FindDifferences(one, other));
        }, iter: 400);

    [Fact]
    public void A_changed_leaf_changes_the_fingerprint_and_is_the_only_difference() =>
        Gen.Select(JsonGenerators.Values, Gen.Int, Gen.Int[0, 1000], NewLeaves).Sample((value, seed, index, newLeaf) =>
        {
            var leaves = JsonGenerators.LeafPointers(value).ToArray();
            var leaf = leaves[index % leaves.Length];
            var changed = JsonGenerators.ReplaceAt(value, leaf, newLeaf?.DeepClone());
            var stored = JsonElement.Parse(JsonGenerators.WriteRandomly(value, new Random(seed)));
            var sent = JsonElement.Parse(JsonGenerators.WriteRandomly(changed, new Random(seed + 1)));
            if (JsonElement.DeepEquals(stored, sent))
            {
                return; // the leaf had this value already
            }

            Assert.NotEqual(CanonicalJson.ComputeFingerprint(stored), CanonicalJson.ComputeFingerprint(sent));
            Assert.Equal([leaf], CanonicalJson.FindDifferences(stored, sent));
            Assert.Equal([leaf], CanonicalJson.FindDifferences(sent, stored));
        }, iter: 400);

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1,"b":null}""", "/b")]
    [InlineData("""{"a":1,"b":null}""", """{"a":1}""", "/b")]
    [InlineData("""{"a":null}""", """{"b":null}""", "/a", "/b")]
    [InlineData("""{"a":{"b":{"c":1,"d":2}}}""", """{"a":{"b":{"c":2,"d":2}}}""", "/a/b/c")]
    [InlineData("""{"a":{"b":1}}""", """{"a":[1]}""", "/a")]
    [InlineData("""{"a":{}}""", """{"a":null}""", "/a")]
    [InlineData("""{"a":true}""", """{"a":false}""", "/a")]
    [InlineData("""{"a":"1"}""", """{"a":1}""", "/a")]
    [InlineData("""{"a/b":1,"m~n":1,"":1}""", """{"a/b":2,"m~n":2,"":2}""", "/", "/a~1b", "/m~0n")]
    [InlineData("[1,2,3]", "[1,9,3]", "/1")]
    [InlineData("[1,2]", "[1,2,3,4]", "/2", "/3")]
    [InlineData("""{"a":[{"b":1},2]}""", """{"a":[{"b":2}]}""", "/a/0/b", "/a/1")]
    [InlineData("1", "2", "")]
    [InlineData("1e400", "1e401", "")]
    [InlineData("1e400", "1.0e400")]
    [InlineData("1e400", "10e399")]
    [InlineData("9007199254740993", "9007199254740992")] // equal as doubles
    public void Differences_are_the_deepest_members_that_differ(string stored, string sent, params string[] pointers) =>
        Assert.Equal(pointers, CanonicalJson.FindDifferences(JsonElement.Parse(stored), JsonElement.Parse(sent)));

    [Fact]
    public void At_most_fifty_differences_are_returned()
    {
        var sent = JsonElement.Parse($$"""{"a":[{{string.Join(',', Enumerable.Range(0, 100))}}],"b":1}""");

        Assert.Equal(
            Enumerable.Range(0, 50).Select(index => $"/a/{index}"),
            CanonicalJson.FindDifferences(JsonElement.Parse("""{"a":[]}"""), sent));
    }

    [Fact]
    public void A_difference_below_an_overlong_member_name_is_reported_at_its_parent()
    {
        var name = new string('n', 600);
        var stored = JsonElement.Parse($$$"""{"a":{"{{{name}}}":{"b":1,"c":1}},"d":{"{{{name}}}":1.0}}""");
        var sent = JsonElement.Parse($$$"""{"a":{"{{{name}}}":{"b":2,"c":2}},"d":{"{{{name}}}":1}}""");

        Assert.Equal(["/a"], CanonicalJson.FindDifferences(stored, sent));
    }

    [Fact]
    public void Twenty_thousand_members_are_compared_in_one_pass()
    {
        var stored = Parse(Enumerable.Range(0, 20_000).Select(n => $"\"m{n}\":{n}"));
        var sent = Parse(Enumerable.Range(0, 20_000).Reverse().Select(n => $"\"m{n}\":{(n == 17_777 ? -1 : n)}"));

        Assert.Equal(["/m17777"], CanonicalJson.FindDifferences(stored, sent));

        static JsonElement Parse(IEnumerable<string> members) => JsonElement.Parse($"{{{string.Join(',', members)}}}");
    }
}
