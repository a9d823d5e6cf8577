using CMUNeXt.Files;
using CMUNeXt.Tensors;

namespace CMUNeXt.Weights.Pth;

/// <summary>
/// Finds the state dict in what a pickle holds: alone, or in a dictionary under one of the names that training code uses.
/// </summary>
internal static class StateDictFinder
{
    private static readonly string[] Keys = ["state_dict", "model", "model_state_dict", "net"];

    /// <summary>Finds the tensors, with the names that they have there.</summary>
    /// <exception cref="BadFileException">There is no state dict, or it holds something other than tensors.</exception>
    public static List<KeyValuePair<string, TensorReference>> Find(string path, object? root)
    {
        if (root is not PickleDictionary dictionary)
        {
            throw new BadFileException(path, "it holds no state dict; save one with torch.save(model.state_dict(), 'weights.pth')");
        }

        // Beside it may stand a tensor, such as the best accuracy, and under an earlier name something else, such as settings.
        PickleDictionary[] within = [.. Keys.Select(key => dictionary.Get(key)).OfType<PickleDictionary>()];
        dictionary = within.FirstOrDefault(HoldsTensors)
            ?? (HoldsTensors(dictionary) ? dictionary : within.FirstOrDefault() ?? throw NotFound(path, dictionary));

        List<KeyValuePair<string, TensorReference>> tensors = new(dictionary.Count);
        foreach ((object key, object? value) in dictionary.Items)
        {
            if (key is not string name || value is not TensorReference tensor)
            {
                throw new BadFileException(
                    path, $"the entry {PrintableName.Of($"{key}")} of its state dict is not a tensor with a name; {Advice}");
            }

            tensors.Add(new KeyValuePair<string, TensorReference>(name, tensor));
        }

        if (tensors.Count == 0)
        {
            throw new BadFileException(path, $"its state dict is empty; {Advice}");
        }

        foreach ((string name, _) in tensors)
        {
            if (!TensorName.IsValid(name))
            {
                throw new BadFileException(
                    path, $"the tensor name \"{PrintableName.Of(name)}\" is empty, too long, or has control characters");
            }
        }

        return tensors;
    }

    private static bool HoldsTensors(PickleDictionary dictionary) =>
        dictionary.Items.Any(static item => item.Value is TensorReference);

    private const string Advice = "save model.state_dict() alone";

    private static BadFileException NotFound(string path, PickleDictionary dictionary)
    {
        string found = string.Join(", ", dictionary.Items.Take(8).Select(static item => PrintableName.Of($"{item.Key}")));
        return new BadFileException(
            path, $"it holds no state dict, neither alone nor under {string.Join(", ", Keys)}; "
                + $"it has {(found.Length == 0 ? "nothing" : found)}; {Advice}");
    }
}
