using Mono.Cecil;

namespace CMUNeXt.Dependencies.Tests;

/// <summary>What refers to what: projects, or the namespaces of one project.</summary>
/// <param name="Nodes">All, in order.</param>
/// <param name="Edges">For each what it refers to, itself not among them.</param>
internal sealed record DependencyGraph(IReadOnlyList<string> Nodes, ILookup<string, string> Edges)
{
    /// <summary>The projects.</summary>
    public static DependencyGraph OfProjects() =>
        Create(ProductAssembly.All.Select(one => one.Project),
            ProductAssembly.All.SelectMany(one => one.References.Select(other => (one.Project, other))));

    /// <summary>The namespaces of a project; code that the compiler keeps outside all of them is not counted.</summary>
    public static DependencyGraph OfNamespaces(ProductAssembly assembly) => Create(
        assembly.Module.Types.Select(type => type.Namespace).Where(name => name.Length > 0),
        References(assembly).Select(reference => (reference.From.Namespace, reference.To.Namespace)));

    /// <summary>The references between the namespaces of a circle, type by type.</summary>
    public static IEnumerable<string> Reasons(ProductAssembly assembly, IReadOnlyList<string> circle) => References(assembly)
        .Where(reference => reference.From.Namespace != reference.To.Namespace && circle.Contains(reference.From.Namespace)
            && circle.Contains(reference.To.Namespace))
        .Select(reference => $"{reference.From.FullName} -> {reference.To.FullName}").Distinct().Order(StringComparer.Ordinal);

    /// <summary>Those that refer to each other, by whatever way: no circle where there are none.</summary>
    public IEnumerable<IReadOnlyList<string>> Circles()
    {
        Dictionary<string, HashSet<string>> reachable = Nodes.ToDictionary(node => node, Reachable);
        return Nodes.Where(node => reachable[node].Contains(node))
            .Select(node =>
                (IReadOnlyList<string>)[.. Nodes.Where(other => reachable[node].Contains(other) && reachable[other].Contains(node))])
            .DistinctBy(circle => circle[0]);
    }

    /// <summary>The edges without those that another way implies.</summary>
    public IEnumerable<(string From, string To)> Drawn()
    {
        Dictionary<string, HashSet<string>> reachable = Nodes.ToDictionary(node => node, Reachable);
        return from node in Nodes
               from next in Edges[node]
               where !Edges[node].Any(other => other != next && reachable[other].Contains(next) && !reachable[next].Contains(other))
               select (node, next);
    }

    private static DependencyGraph Create(IEnumerable<string> nodes, IEnumerable<(string From, string To)> edges) => new(
        [.. nodes.Distinct().Order(StringComparer.Ordinal)],
        edges.Where(edge => edge.From != edge.To).Distinct().OrderBy(edge => edge.To, StringComparer.Ordinal)
            .ToLookup(edge => edge.From, edge => edge.To));

    private static IEnumerable<(TypeDefinition From, TypeReference To)> References(ProductAssembly assembly)
    {
        TypeDefinition[] types = [.. assembly.Module.Types.Where(type => type.Namespace.Length > 0)];
        HashSet<string> own = [.. types.Select(type => type.FullName)];
        return types.SelectMany(
            type => TypeReferences.Of(type).Select(Outermost).Where(other => own.Contains(other.FullName)).Select(other => (type, other)));
    }

    private static TypeReference Outermost(TypeReference type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private HashSet<string> Reachable(string node)
    {
        HashSet<string> found = [];
        Queue<string> open = new(Edges[node]);
        while (open.TryDequeue(out string? next))
        {
            if (found.Add(next))
            {
                foreach (string other in Edges[next])
                {
                    open.Enqueue(other);
                }
            }
        }

        return found;
    }
}
