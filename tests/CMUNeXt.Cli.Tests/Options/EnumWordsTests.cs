using System.Collections;
using System.Reflection;
using System.Text.Json;
using CMUNeXt.Cli.Options;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Cli.Tests.Options;

/// <summary>What an option calls a member of an enumeration, recipes and weight files call it too.</summary>
public sealed class EnumWordsTests
{
    private static readonly FieldInfo[] All =
    [
        .. typeof(ProtocolOptions).Assembly.GetTypes()
            .Where(static type => type.Namespace == typeof(ProtocolOptions).Namespace)
            .SelectMany(static type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(static field => field.FieldType is { IsConstructedGenericType: true } type
                && type.GetGenericTypeDefinition() == typeof(Dictionary<,>) && type.GetGenericArguments()[1].IsEnum),
    ];

    [Fact]
    public void Each_member_of_an_enumeration_has_a_word_and_it_is_that_of_JSON()
    {
        Assert.Equal(10, All.Length);
        Assert.All(All, static field =>
        {
            Type kind = field.FieldType.GetGenericArguments()[1];
            IDictionary words = (IDictionary)field.GetValue(null)!;
            Assert.Equal(Enum.GetValues(kind).Length, words.Count);
            Assert.All(
                Enum.GetValues(kind).Cast<object>(),
                member => Assert.Equal(member, words[JsonSerializer.Serialize(member, kind, RunJson.Options).Trim('"')]));
        });
    }
}
