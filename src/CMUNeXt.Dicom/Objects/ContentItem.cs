using System.Buffers.Binary;
using System.Globalization;
using CMUNeXt.Dicom.Format;

namespace CMUNeXt.Dicom.Objects;

/// <summary>
/// The items that make the tree of a structured report (PS3.3, C.17.3): how one belongs to its parent, its concept, its value.
/// </summary>
internal static class ContentItem
{
    public const string Contains = "CONTAINS";
    public const string ConceptModifier = "HAS CONCEPT MOD";
    public const string ObservationContext = "HAS OBS CONTEXT";

    private const string SelectedFrom = "SELECTED FROM";

    /// <summary>Adds what makes an object, or an item, the root of a tree by a template of the standard's own (PS3.16).</summary>
    public static void AddRoot(DataSet data, Code concept, string template, IReadOnlyList<DataSet> items)
    {
        AddContainer(data, concept, items);
        data.Add(DicomAttribute.ContentTemplateSequence,
        [
            new DataSet { { DicomAttribute.MappingResource, "DCMR" }, { DicomAttribute.TemplateIdentifier, template } },
        ]);
    }

    public static DataSet Container(string relationship, Code concept, IReadOnlyList<DataSet> items)
    {
        DataSet item = new() { { DicomAttribute.RelationshipType, relationship } };
        AddContainer(item, concept, items);
        return item;
    }

    /// <summary>A container that begins a template of its own, which it names as the root does (PS3.3, C.18.8.1.2).</summary>
    public static DataSet Container(string relationship, Code concept, string template, IReadOnlyList<DataSet> items)
    {
        DataSet item = new() { { DicomAttribute.RelationshipType, relationship } };
        AddRoot(item, concept, template, items);
        return item;
    }

    public static DataSet Text(string relationship, Code concept, string text) =>
        New(relationship, "TEXT", concept, DicomAttribute.TextValue, text);

    public static DataSet Uid(string relationship, Code concept, string uid) =>
        New(relationship, "UIDREF", concept, DicomAttribute.UID, uid);

    public static DataSet Coded(string relationship, Code concept, Code value, params IReadOnlyList<DataSet> items)
    {
        DataSet item = New(relationship, "CODE", concept);
        item.Add(DicomAttribute.ConceptCodeSequence, value.ToSequence());
        if (items.Count > 0)
        {
            item.Add(DicomAttribute.ContentSequence, items);
        }

        return item;
    }

    public static DataSet Number(Code concept, double value, Code unit)
    {
        DataSet item = New(Contains, "NUM", concept);
        item.Add(DicomAttribute.MeasuredValueSequence,
        [
            new DataSet
            {
                { DicomAttribute.NumericValue, value.ToString("G8", CultureInfo.InvariantCulture) },
                { DicomAttribute.MeasurementUnitsCodeSequence, unit.ToSequence() },
            },
        ]);
        return item;
    }

    /// <summary>A line through points of an image: (0, 0) is the top left corner of its first pixel.</summary>
    public static DataSet Polyline(Code concept, IReadOnlyList<(float X, float Y)> points, DataSet image)
    {
        byte[] coordinates = new byte[points.Count * 8];
        for (int i = 0; i < points.Count; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(coordinates.AsSpan(8 * i), points[i].X);
            BinaryPrimitives.WriteSingleLittleEndian(coordinates.AsSpan((8 * i) + 4), points[i].Y);
        }

        DataSet selected = new()
        {
            { DicomAttribute.RelationshipType, SelectedFrom },
            { DicomAttribute.ValueType, "IMAGE" },
            { DicomAttribute.ReferencedSOPSequence, [image] },
        };
        DataSet item = New(Contains, "SCOORD", concept, DicomAttribute.GraphicType, "POLYLINE");
        item.Add(DicomAttribute.GraphicData, coordinates);
        item.Add(DicomAttribute.ContentSequence, [selected]);
        return item;
    }

    private static void AddContainer(DataSet data, Code concept, IReadOnlyList<DataSet> items)
    {
        data.Add(DicomAttribute.ValueType, "CONTAINER");
        data.Add(DicomAttribute.ConceptNameCodeSequence, concept.ToSequence());
        data.Add(DicomAttribute.ContinuityOfContent, "SEPARATE");
        data.Add(DicomAttribute.ContentSequence, items);
    }

    private static DataSet New(string relationship, string type, Code concept, DicomAttribute? attribute = null, string value = "")
    {
        DataSet item = new()
        {
            { DicomAttribute.RelationshipType, relationship },
            { DicomAttribute.ValueType, type },
            { DicomAttribute.ConceptNameCodeSequence, concept.ToSequence() },
        };
        if (attribute is not null)
        {
            item.Add(attribute, value);
        }

        return item;
    }
}
