using System.Linq.Expressions;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>The lists of runs that the API shows.</summary>
internal sealed class MongoRunLists(IMongoCollection<Run> runs)
{
    private static readonly SortDefinition<Run> NewestFirst =
        Builders<Run>.Sort.Descending(run => run.CreatedAt).Descending(run => run.Id);

    /// <inheritdoc cref="IRunStore.List"/>
    public Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken)
    {
        var filter = CreateFilter(query);
        if (after is { CreatedAt: var time, Id: var id })
        {
            // The first condition is redundant, but it lets the index scan start at the cursor.
            var builder = Builders<Run>.Filter;
            filter &= builder.Lte(run => run.CreatedAt, time)
                & (builder.Lt(run => run.CreatedAt, time) | builder.Lt(run => run.Id, id));
        }

        return query.IsLinearizable
            ? runs.ReadLinearizable((collection, maxTime) => ReadPage(collection, filter, limit, maxTime, cancellationToken))
            : ReadPage(runs, filter, limit, maxTime: null, cancellationToken);
    }

    private static FilterDefinition<Run> CreateFilter(RunQuery query)
    {
        var builder = Builders<Run>.Filter;
        var filter = builder.Eq(run => run.Tenant, query.Tenant) & query switch
        {
            { ProjectId: { } project } => SelectorEquals(run => run.ProjectId, project),
            { ConversationId: { } conversation } => SelectorEquals(run => run.ConversationId, conversation),
            { ParentRunId: { } parent } => SelectorEquals(run => run.ParentRunId, parent),
            { ParentConversationId: { } parent } => SelectorEquals(run => run.Trigger!.ConversationId, parent),
            _ => throw new ArgumentException("A list has a project, a conversation or a parent.", nameof(query)),
        };
        AddFilter(query.Projects, builder.In(run => run.ProjectId, query.Projects ?? []));
        AddFilter(query.Kind, builder.Eq(run => run.Kind, query.Kind));
        AddFilter(query.Status, builder.Eq(run => run.Status, query.Status));
        AddFilter(query.SpawnedFromToolCallId, builder.Eq(run => run.Trigger!.ToolCallId, query.SpawnedFromToolCallId));
        AddFilter(query.HasInputRequests ? true : null, builder.Exists("input_requests.id"));
        AddFilter(query.InputRequestStatus, HasInputRequest(request => request.Status == query.InputRequestStatus));
        AddFilter(query.InputRequestId, HasInputRequest(request => request.Id == query.InputRequestId));
        return filter;

        // The exists condition is redundant, but some query planners need it to select the partial index.
        FilterDefinition<Run> SelectorEquals(Expression<Func<Run, object?>> selector, string value) =>
            builder.Eq(selector, value) & builder.Exists(selector);

        FilterDefinition<Run> HasInputRequest(Expression<Func<InputRequest, bool>> condition) =>
            builder.ElemMatch(run => run.InputRequests, condition);

        void AddFilter(object? value, FilterDefinition<Run> condition) => filter = value is null ? filter : filter & condition;
    }

    // Reads until the page is full, in one round trip if the runs are small. Reads one more run than the page holds, to
    // find out whether there is a next page.
    private static async Task<RunPage> ReadPage(
        IMongoCollection<Run> collection, FilterDefinition<Run> filter, int limit, TimeSpan? maxTime, CancellationToken cancellationToken)
    {
        var options = new FindOptions<Run> { Sort = NewestFirst, Limit = limit + 1, BatchSize = limit + 1, MaxTime = maxTime };
        using var cursor = await collection.FindAsync(filter, options, cancellationToken);
        var page = new PageBuilder<Run>(limit);
        while (await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var run in cursor.Current)
            {
                if (!page.TryAdd(run, RunSize.CountCharacters(run)))
                {
                    return RunPage.From(page, hasNext: true);
                }
            }
        }

        return RunPage.From(page, hasNext: false);
    }
}
