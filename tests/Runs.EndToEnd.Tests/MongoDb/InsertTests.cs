using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.EndToEnd.Tests.MongoDb;

public sealed class InsertTests(ContainerFixture containers) : MongoEngineTests(containers)
{
    [Fact]
    public async Task A_document_is_read_as_it_was_written()
    {
        var written = Run(1).AddRange(new BsonDocument
        {
            { "text", "grüße \u0001 \U0001F680" },
            { "long", long.MaxValue },
            { "double", -0.1 },
            { "decimal", Decimal128.Parse("1E-30") },
            { "null", BsonNull.Value },
            { "time", new BsonDateTime(1_700_000_000_123) },
            { "uuid", new BsonBinaryData(Guid.CreateVersion7(), GuidRepresentation.Standard) },
            { "nested", new BsonDocument { { "list", new BsonArray { 1, "two", new BsonDocument("three", 3) } }, { "", "" } } },
        });

        await Runs.InsertOneAsync(written);

        Assert.Equal(written, await Runs.Find(ById(1)).SingleAsync());
    }

    [Fact]
    public async Task A_second_document_of_the_same_id_is_a_duplicate_key()
    {
        await Runs.InsertOneAsync(Run(1));

        var exception = await Assert.ThrowsAsync<MongoWriteException>(() => Runs.InsertOneAsync(Run(1, "other")));

        Assert.Equal(ServerErrorCategory.DuplicateKey, exception.WriteError.Category);
        Assert.Equal(11000, exception.WriteError.Code);
        Assert.Equal(Run(1), await Runs.Find(ById(1)).SingleAsync());
    }

    [Fact]
    public async Task A_second_document_of_the_same_unique_field_is_a_duplicate_key()
    {
        await Runs.Indexes.CreateOneAsync(new CreateIndexModel<BsonDocument>("{ key: 1 }", new CreateIndexOptions { Unique = true }));
        await Runs.InsertOneAsync(Run(1).Set("key", "k"));

        var exception = await Assert.ThrowsAsync<MongoWriteException>(() => Runs.InsertOneAsync(Run(2).Set("key", "k")));

        Assert.Equal(ServerErrorCategory.DuplicateKey, exception.WriteError.Category);
    }

    [Fact]
    public async Task An_unordered_batch_writes_all_but_the_duplicates_and_reports_their_indexes()
    {
        await Runs.InsertOneAsync(Run(3));

        var exception = await Assert.ThrowsAsync<MongoBulkWriteException<BsonDocument>>(() =>
            Runs.InsertManyAsync([Run(1), Run(3), Run(2), Run(2), Run(4)], new InsertManyOptions { IsOrdered = false }));

        Assert.Equal([(1, 11000), (3, 11000)], exception.WriteErrors.Select(error => (error.Index, error.Code)));
        Assert.Equal(4, await Runs.CountDocumentsAsync(Builders<BsonDocument>.Filter.Empty));
    }

    [Fact]
    public async Task An_ordered_batch_stops_at_the_duplicate()
    {
        var exception = await Assert.ThrowsAsync<MongoBulkWriteException<BsonDocument>>(() =>
            Runs.InsertManyAsync([Run(1), Run(1), Run(2)]));

        Assert.Equal([1], exception.WriteErrors.Select(error => error.Index));
        Assert.Equal(1, await Runs.CountDocumentsAsync(Builders<BsonDocument>.Filter.Empty));
    }

    [Fact]
    public async Task Sixteen_writers_of_one_id_have_one_winner()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(async writer =>
        {
            try
            {
                await Runs.InsertOneAsync(Run(1).Set("writer", writer));
                return true;
            }
            catch (MongoWriteException e) when (e.WriteError.Category == ServerErrorCategory.DuplicateKey)
            {
                return false;
            }
        }));

        Assert.Single(outcomes, won => won);
    }

    [Fact]
    public async Task Sixteen_writers_of_a_new_collection_all_write()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async writer =>
        {
            foreach (var id in Enumerable.Range(writer * 50, 50))
            {
                await Runs.InsertOneAsync(Run(id));
            }
        }));

        Assert.Equal(800, await Runs.CountDocumentsAsync(Builders<BsonDocument>.Filter.Empty));
    }

    [Fact]
    public async Task A_document_of_10_MB_is_read_completely()
    {
        var text = string.Create(10 * 1024 * 1024, 0, (characters, _) =>
        {
            for (var i = 0; i < characters.Length; i++)
            {
                characters[i] = (char)('a' + (i * 31L % 26));
            }
        });

        await Runs.InsertOneAsync(Run(1).Set("input", text));

        Assert.Equal(text, (await Runs.Find(ById(1)).SingleAsync())["input"].AsString);
    }
}
